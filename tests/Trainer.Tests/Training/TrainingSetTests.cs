using DataPrep;
using Trainer.Training;

namespace Trainer.Tests.Training;

public sealed class TrainingSetTests
{
    static readonly WhitespaceTokenizer Tokenizer = new("a", "b", "c", "d", "e", "f");

    [Fact]
    public void FalseNegatives_MarkClustersEqualTextsAndOtherPositives_ButNeverTheOwnPositive()
    {
        // Passages: 0 and 1 are one cluster; 3 has the tokens of 2; query "a" has the positives 0 and 4.
        ShardPassage[] passages = [new(0, "p0", "a b", "x"), new(1, "p1", "b c", "x"), new(2, "p2", "d", "p2"), new(3, "p3", "d ", "p3"), new(4, "p4", "e f", "p4")];
        TrainingRow[] rows = [Row(0, "a", 0, 3), Row(1, "b", 2, 4), Row(2, "a", 4, 1), Row(3, "c", 3)];
        var set = Build((rows, passages));

        int[] batch = [0, 1, 2, 3];
        var queries = batch.Select(r => set.Rows[r].Query).ToArray();
        var candidates = batch.Select(r => set.Rows[r].Positive).Concat(batch.SelectMany(r => set.Rows[r].Negatives)).ToArray();
        var mask = set.FalseNegatives(queries, candidates);

        // Candidates: p0 p2 p4 p3 | p3 p4 p1.
        string[] expected =
        [
            "..x..xx", // a: p4 is its other positive, p1 is in p0's cluster
            "...xx..", // b: p3 has p2's text
            "x....xx", // a again
            ".x..x..", // c: p2 has p3's text; p3 as another row's negative is its own positive
        ];
        for (var r = 0; r < expected.Length; r++)
        {
            Assert.Equal(expected[r], string.Concat(mask.Skip(r * 7).Take(7).Select(m => m ? 'x' : '.')));
        }
    }

    [Fact]
    public void Build_KeepsDistinctTextsOnce_AndGivesAnOwnPositiveItsDocumentsCluster()
    {
        ShardPassage[] passages = [new(0, "p0", "a b c", "x"), new(1, "p1", "d", "p1")];
        TrainingRow[] rows = [Row(0, "e", 0), Row(1, "b", 0, positive: "a c"), Row(2, "e", 1)];
        var set = Build((rows, passages), ([Row(3, "e", 0)], [passages[0] with { Ordinal = 0 }]));
        Assert.Equal((2, 3), (set.Queries.Count, set.Passages.Count));
        Assert.Equal(set.Rows[0], set.Rows[3] with { Negatives = set.Rows[0].Negatives });
        Assert.Equal([2, 4], set.Passages[set.Rows[1].Positive].ToArray());

        // "e" has p0: the crop of p0 is no negative of it.
        var mask = set.FalseNegatives([set.Rows[0].Query, set.Rows[1].Query], [set.Rows[0].Positive, set.Rows[1].Positive]);
        Assert.Equal([false, true, true, false], mask);
    }

    [Fact]
    public void Build_NamesTheRow_WhenItPointsOutsideItsShard()
    {
        var error = Assert.Throws<TrainerException>(() => Build(([Row(7, "a", 5)], [new ShardPassage(0, "p0", "a", "x")])));
        Assert.Contains("Row 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("passage 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SaysWhatToDo_WhenThereIsNoRow() =>
        Assert.Contains("split train", Assert.Throws<TrainerException>(() => Build()).Message, StringComparison.Ordinal);

    static TrainingRow Row(long ordinal, string query, long positive, long? negative = null, string? positiveText = null) =>
        new(ordinal, "q" + ordinal, query, "p" + positive, positiveText, positive, negative is { } n ? [n] : [], "title", "s", ordinal, "", "", 0);

    static TrainingRow Row(long ordinal, string query, long passage, string positive) => Row(ordinal, query, passage, null, positive);

    static TrainingSet Build(params (IReadOnlyList<TrainingRow>, IReadOnlyList<ShardPassage>)[] shards) =>
        TrainingSet.Build(shards, Tokenizer, 8, 8, 2, cancellationToken: TestContext.Current.CancellationToken);
}
