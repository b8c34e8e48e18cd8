using DataPrep;
using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

/// <summary>Plans over training sets: what collides is what the tokens say.</summary>
public sealed class PlannedSetTests
{
    [Theory]
    [InlineData(DistinctTexts.Texts)]
    [InlineData(DistinctTexts.Passages)]
    [InlineData(DistinctTexts.Clusters)]
    public void Batches_HoldNoTextTwice(DistinctTexts distinct)
    {
        var set = Repeating(600);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var plan = BatchPlanner.For(set, new BatchOptions { Distinct = distinct }, 24, 2, seed: 3).Plan(epoch);
            Assert.True(plan.Report.Placed > 300, string.Join(' ', plan.Report.Lines()));
            foreach (var rows in plan)
            {
                var batch = TrainBatch.Build(set, rows, 2, epoch, 3);
                var queries = batch.QueryTexts.Select(q => Text(set.Queries[q])).ToList();
                var passages = batch.PassageTexts.Select(p => Text(set.Passages[p])).ToList();
                Assert.Equal(rows.Length, queries.Distinct().Count());
                Assert.Equal(rows.Length, passages.Take(rows.Length).Distinct().Count());
                Assert.DoesNotContain(Enumerable.Range(0, rows.Length), r => queries.Index().Any(q => q.Index != r && q.Item == passages[r]));

                // No drawn negative is another row's positive.
                for (var c = rows.Length; c < passages.Count; c++)
                {
                    var row = Array.FindIndex(batch.Own, o => o == c) / batch.Group;
                    Assert.DoesNotContain(Enumerable.Range(0, rows.Length), r => r != row && passages[r] == passages[c]);
                }

                if (distinct == DistinctTexts.Passages)
                {
                    var own = Enumerable.Range(0, rows.Length).Select(r => batch.Own.AsSpan(r * 3, 3).ToArray().Where(o => o >= 0).Select(o => passages[o]).Distinct().ToList()).ToList();
                    Assert.Equal(own.Sum(o => o.Count), own.SelectMany(o => o).Distinct().Count());
                }

                if (distinct == DistinctTexts.Clusters)
                {
                    // No positive of another row is a false negative, so the loss has nothing to mask among positives.
                    var mask = set.FalseNegatives(batch.QueryTexts, batch.PassageTexts.AsSpan(0, rows.Length));
                    Assert.DoesNotContain(true, mask);
                }
            }
        }
    }

    [Fact]
    public void Batches_AreAsTheyCome_WithoutDistinctTexts()
    {
        var plan = BatchPlanner.For(Repeating(600), new BatchOptions { Distinct = DistinctTexts.None }, 24, 2, seed: 3).Plan(0);
        Assert.Equal((25, 0), (plan.Count, plan.Report.Left.Count));
    }

    [Fact]
    public void LengthBuckets_HaveTheirOwnSizes()
    {
        var set = Repeating(600);
        var options = new BatchOptions { Distinct = DistinctTexts.None, Sizes = [new BucketSize(8, 40), new BucketSize(11, 20), new BucketSize(64, 10)] };
        var plan = BatchPlanner.For(set, options, 999, 2, seed: 3).Plan(0);
        Assert.All(plan, rows => Assert.True(rows.Length <= (Longest(rows) <= 8 ? 40 : Longest(rows) <= 11 ? 20 : 10)));
        Assert.Equal([10, 20, 40], plan.Select(b => b.Length).Distinct().Order());
        Assert.InRange(plan.Report.Left.Count, 0, 9);
        var error = Assert.Throws<TrainerException>(() => BatchPlanner.For(set, options with { Sizes = [new BucketSize(8, 40)] }, 999, 2, 3));
        Assert.Contains("last length bucket ends at 8", error.Message, StringComparison.Ordinal);

        int Longest(int[] rows) => rows.Max(r => set.Rows[r].Negatives.Append(set.Rows[r].Positive).Max(p => Math.Max(set.Passages[p].Length, set.Queries[set.Rows[r].Query].Length)));
    }

    [Fact]
    public void Sources_AreFilesFoldersOrGenerators()
    {
        var set = Repeating(600);
        foreach (var (key, count) in new[] { (SourceKey.File, 6), (SourceKey.Folder, 2), (SourceKey.Generator, 3) })
        {
            var plan = BatchPlanner.For(set, new BatchOptions { SameSource = true, Source = key }, 10, 1, 3).Plan(0);
            var names = plan.Select(rows => Assert.Single(rows.Select(r => Name(set.Sources[set.Rows[r].Source], key)).Distinct())).Distinct().ToList();
            Assert.Equal(count, names.Count);
        }

        static string Name(RowSource source, SourceKey key) => key switch { SourceKey.Generator => source.Generator, SourceKey.Folder => source.File.Split('/')[0], _ => source.File };
    }

    [Fact]
    public void ShardsBuckets_Count_WhereNoSizesAreNamed()
    {
        var set = Repeating(600);
        var plan = BatchPlanner.For(set, new BatchOptions { Distinct = DistinctTexts.None }, 100, 1, 3).Plan(0);
        Assert.Equal(6, plan.Count);
        Assert.True(plan.Count(rows => rows.Select(r => set.Rows[r].Bucket).Distinct().Count() == 1) >= 5);
    }

    // Queries and passages drawn from few texts, some of them equal to each other; two shards of two length buckets, six files in two folders, three generators.
    static TrainingSet Repeating(int rows)
    {
        var random = new SplitMix64(12);
        return TrainingSet.Build(
            [Shard(0), Shard(1)], new SyntheticRows.NumberTokenizer(5000), 16, 16, 1, cancellationToken: TestContext.Current.CancellationToken);

        (IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages) Shard(int bucket)
        {
            var passages = Enumerable.Range(0, rows).Select(i => new ShardPassage(i, $"d{bucket}-{i}", Drawn(1000, bucket), i % 7 == 6 ? $"c{i / 14}" : "")).ToList();
            return ([.. Enumerable.Range(0, rows / 2).Select(i => new TrainingRow(
                (bucket * rows / 2) + i, $"q{bucket}-{i}", Drawn(400, bucket), $"d{bucket}-{i}", null, i, [random.Below(rows), random.Below(rows), random.Below(rows)],
                i % 3 == 0 ? "title" : i % 3 == 1 ? "lead" : "qrels", $"{(char)('a' + (i % 2))}/{i % 6}.md", i, "bm25", "", bucket))], passages);
        }

        // One of so many texts; a text is its number, again and again.
        string Drawn(int texts, int bucket)
        {
            var text = random.Below(texts);
            return string.Join(' ', Enumerable.Repeat(text, 3 + (text % 4) + (bucket * 6)));
        }
    }

    static string Text(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray());
}
