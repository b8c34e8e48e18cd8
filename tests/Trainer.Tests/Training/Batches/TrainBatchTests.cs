using DataPrep;
using Trainer.Training;

namespace Trainer.Tests.Training.Batches;

public sealed class TrainBatchTests
{
    [Fact]
    public void Build_NamesEachRowsOwnCandidates_WithTheTeachersScores()
    {
        var set = Set(Scores());
        int[] rows = [4, 1, 9, 10];
        var batch = TrainBatch.Build(set, rows, negatives: 2, epoch: 3, seed: 7);
        Assert.Equal((3, 4 * 3, 4 * 3), (batch.Group, batch.Own.Length, batch.TeacherScores!.Length));
        Assert.Equal(rows.Select(r => set.Rows[r].Query), batch.QueryTexts);
        Assert.Equal(rows.Select(r => set.Rows[r].Source), batch.Sources);
        Assert.Equal(batch.Passages.Count, batch.PassageTexts.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = set.Rows[rows[i]];
            var own = batch.Own.AsSpan(i * 3, 3).ToArray();
            Assert.Equal(i, own[0]);
            Assert.Equal(row.Positive, batch.PassageTexts[own[0]]);
            for (var g = 1; g < 3; g++)
            {
                // Row 10 has one negative: its third place is empty.
                var empty = rows[i] == 10 && g == 2;
                Assert.Equal(empty, own[g] < 0);
                if (!empty)
                {
                    Assert.Contains(batch.PassageTexts[own[g]], row.Negatives);
                }
            }

            for (var g = 0; g < 3; g++)
            {
                // The teacher scored a pair with the numbers of its query and document; it knows no pair of row 9.
                var expected = own[g] < 0 || rows[i] == 9 ? float.NaN : (rows[i] * 1000) + batch.PassageTexts[own[g]];
                Assert.Equal(expected, batch.TeacherScores[(i * 3) + g]);
            }
        }

        Assert.Equal(12 - 1, batch.Own.Where(o => o >= 0).Distinct().Count());
    }

    [Fact]
    public void Build_HasNoTeacher_WhereNobodyScored()
    {
        var batch = TrainBatch.Build(Set(null), [0, 1], 1, 0, 7);
        Assert.Null(batch.TeacherScores);
        Assert.Equal([0, 2, 1, 3], batch.Own);
    }

    [Fact]
    public void Build_DrawsTheSameNegatives_WhateverTheBatchARowIsIn()
    {
        var set = Set(null);
        var (a, b) = (TrainBatch.Build(set, [3, 5, 8], 2, 1, 7), TrainBatch.Build(set, [8, 2, 3], 2, 1, 7));
        Assert.Equal(Own(a, 0), Own(b, 2));
        Assert.Equal(Own(a, 2), Own(b, 0));
        Assert.NotEqual(
            Enumerable.Range(0, 12).SelectMany(r => Own(TrainBatch.Build(set, [r], 2, 1, 7), 0)), Enumerable.Range(0, 12).SelectMany(r => Own(TrainBatch.Build(set, [r], 2, 2, 7), 0)));

        static int[] Own(TrainBatch batch, int row) => [.. batch.Own.AsSpan(row * 3, 3).ToArray().Select(o => o < 0 ? -1 : batch.PassageTexts[o])];
    }

    [Fact]
    public void Build_KeepsTheTextsAsRead_WhereAskedTo()
    {
        var shard = Shard();
        var set = TrainingSet.Build(
            [shard], new SyntheticRows.NumberTokenizer(500), 8, 8, 1, "1 ", "2 ", keepTexts: true, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(shard.Rows.Select(r => r.Query), set.Rows.Select(r => set.QueryTexts![r.Query]));
        Assert.Equal(shard.Rows.Select(r => shard.Passages[(int)r.PositivePassage].Text), set.Rows.Select(r => set.PassageTexts![r.Positive]));
    }

    [Fact]
    public void TeacherScores_AreRefused_WhenTheyContradictEachOther()
    {
        Assert.Contains("both 1 and 2", Assert.Throws<TrainerException>(() => TeacherScores.From([new("q", "d", 1), new("q", "d", 1), new("q", "d", 2)])).Message, StringComparison.Ordinal);
        Assert.Contains("finite", Assert.Throws<TrainerException>(() => TeacherScores.From([new("q", "d", float.PositiveInfinity)])).Message, StringComparison.Ordinal);
        Negative[] mined = [new("q", "p", "n", 1, 2, 0, "dense", "", "a"), new("q", "p", "m", 3, 2, 0, "dense", "", "a")];
        var scores = TeacherScores.FromMined(mined);
        Assert.Equal((2f, 1f, 3f, 3), (scores.Of("q", "p"), scores.Of("q", "n"), scores.Of("q", "m"), scores.Count));
        Assert.Contains("bm25", Assert.Throws<TrainerException>(() => TeacherScores.FromMined([.. mined, mined[0] with { Miner = "bm25", Guide = "b" }])).Message, StringComparison.Ordinal);
    }

    static TrainingSet Set(TeacherScores? scores) =>
        TrainingSet.Build([Shard()], new SyntheticRows.NumberTokenizer(500), 8, 8, 1, scores: scores, cancellationToken: TestContext.Current.CancellationToken);

    static TeacherScores Scores() =>
        TeacherScores.From(Enumerable.Range(0, 12).Where(q => q != 9).SelectMany(q => Enumerable.Range(0, 12).Select(d => new TeacherScore($"q{q}", $"d{d}", (q * 1000) + d))));

    static (IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages) Shard() => (
        [.. Enumerable.Range(0, 12).Select(i => new TrainingRow(
            i, $"q{i}", $"{100 + i}", $"d{i}", null, i, i == 10 ? [0] : [(i + 1) % 12, (i + 2) % 12, (i + 3) % 12], i % 2 == 0 ? "title" : "qrels", i < 6 ? "a/x.md" : "b/y.md", i, "", "", 0))],
        [.. Enumerable.Range(0, 12).Select(i => new ShardPassage(i, $"d{i}", $"{200 + i}", ""))]);
}
