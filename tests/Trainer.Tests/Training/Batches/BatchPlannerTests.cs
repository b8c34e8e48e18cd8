using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class BatchPlannerTests
{
    public static TheoryData<ulong, int, int, int, int, int> Cases
    {
        get
        {
            // Seed, rows, texts, sources, buckets, batch size: from texts that hardly repeat to texts of which no batch has enough.
            var data = new TheoryData<ulong, int, int, int, int, int>();
            var random = new SplitMix64(77);
            for (var i = 0; i < 60; i++)
            {
                var rows = 1 + random.Below(400);
                data.Add(random.Next(), rows, 1 + random.Below(8 * rows), 1 + random.Below(4), 1 + random.Below(3), 1 + random.Below(24));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plan_KeepsItsInvariants(ulong seed, int rows, int texts, int sources, int buckets, int size)
    {
        var data = PlanData.Draw(seed, rows, texts, sources, buckets);
        int[] sizes = [size, Math.Max(1, size / 2), Math.Max(1, size / 3)];
        foreach (var options in new BatchOptions[]
        {
            new() { SameSource = true },
            new() { SameSource = true, Mixing = SourceMixing.RoundRobin },
            new() { SameSource = true, SmallSources = SmallSources.Drop },
            new() { SameSource = true, Remainder = BatchRemainder.Keep },
        })
        {
            var plan = new BatchPlanner(data.Rows, sizes, options, 5).Plan(2);
            var report = plan.Report;
            var placed = plan.SelectMany(b => b).ToList();

            // Every row is in one batch, or told.
            Assert.Equal(Enumerable.Range(0, rows), placed.Concat(report.Left).Order());
            Assert.Equal(rows, report.Placed + report.Remainder + report.Collided + report.SmallSourceRows + report.Exhausted);
            Assert.Equal((placed.Count, plan.Count), (report.Placed, report.Batches));
            Assert.True(new[] { report.Remainder, report.Collided, report.SmallSourceRows, report.Exhausted }.All(n => n >= 0));
            Assert.Equal(report.Left.Count > 0 || report.SmallSources.Count > 0, report.Lines().Any());
            foreach (var batch in plan)
            {
                Assert.Single(batch.Select(r => data.Rows.Source[r]).Distinct());

                // A row may ride in a longer bucket, never in a shorter one: the size is that of the longest there, or of a longer one.
                Assert.True(batch.Length <= sizes[batch.Max(r => data.Rows.Bucket[r])]);
                for (var i = 0; i < batch.Length; i++)
                {
                    for (var j = 0; j < i; j++)
                    {
                        Assert.False(data.Collide(batch[i], batch[j]), $"rows {batch[i]} and {batch[j]} share a text");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Count_EqualsBatchesYielded_SentenceTransformers3348(ulong seed, int rows, int texts, int sources, int buckets, int size)
    {
        var plan = new BatchPlanner(PlanData.Draw(seed, rows, texts, sources, buckets).Rows, [size], new BatchOptions { SameSource = true }, 5).Plan(0);
        Assert.Equal(plan.Count, plan.Select(b => b).Count());
        Assert.All(Enumerable.Range(0, plan.Count), i => Assert.NotEmpty(plan[i]));
        Assert.Throws<IndexOutOfRangeException>(() => plan[plan.Count]);
    }

    [Fact]
    public void Plan_IsTheSame_WhenATrainingResumesInALaterEpoch_Transformers40691()
    {
        var data = PlanData.Draw(1, 500, 700, 3, 2);
        var whole = Planner(data);
        var epochs = Enumerable.Range(0, 4).Select(e => whole.Plan(e).ToList()).ToList();

        // Another process comes in at epoch 3, batch 7, and asks backwards: position and order are the same.
        var resumed = Planner(data);
        for (var i = epochs[3].Count - 1; i >= 7; i--)
        {
            Assert.Equal(epochs[3][i], resumed.Plan(3)[i]);
        }

        Assert.Equal(whole.Plan(1).Digest(), resumed.Plan(1).Digest());
        Assert.NotEqual(epochs[2].First(b => b.Length == 16), epochs[3].First(b => b.Length == 16));
        Assert.Equal(4, Enumerable.Range(0, 4).Select(e => whole.Plan(e).Digest()).Distinct().Count());
    }

    // sentence-transformers gives its sampler no seed: every run has the same order whatever its arguments say.
    [Fact]
    public void Plan_HasAnotherOrder_WhenTheSeedIsAnother()
    {
        var data = PlanData.Draw(1, 300, 900);
        Assert.NotEqual(Planner(data, seed: 1).Plan(0).Digest(), Planner(data, seed: 2).Plan(0).Digest());
        Assert.Equal(Planner(data, seed: 1).Plan(0).Digest(), Planner(data, seed: 1).Plan(0).Digest());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Slices_AreTheSameGlobalBatches_OnAnyNumberOfRanks(int ranks)
    {
        var data = PlanData.Draw(3, 400, 1200);
        var plan = Planner(data).Plan(1);
        for (var i = 0; i < plan.Count; i++)
        {
            // Each rank makes the plan for itself.
            var slices = Enumerable.Range(0, ranks).Select(rank => RankSlice.Of(Planner(data).Plan(1)[i], rank, ranks).ToArray()).ToList();
            Assert.Equal(plan[i], slices.SelectMany(s => s));
            Assert.InRange(slices.Max(s => s.Length) - slices.Min(s => s.Length), 0, 1);
        }
    }

    [Fact]
    public void Rows_AreDeferredAndNotDropped_WhenEveryTextComesTwice()
    {
        // 1,000 rows: each query and each positive twice, never together twice; batches of 50 are enough to keep all apart.
        var exclusive = Enumerable.Range(0, 1000).Select(i => new[] { i / 2, 500 + ((i + 1) % 1000 / 2) }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 1000);
        for (var epoch = 0; epoch < 20; epoch++)
        {
            var plan = Planner(data, 50).Plan(epoch);
            Assert.Empty(plan.Report.Left);
            Assert.All(plan, b => Assert.Equal(50, b.Length));
        }
    }

    [Fact]
    public void Rows_AreTold_WhenTheirQueryComesMoreOftenThanThereAreBatches()
    {
        // Row 0 to 499 have one query: full batches take one of them each, all other rows are placed.
        var exclusive = Enumerable.Range(0, 1000).Select(i => new[] { i < 500 ? 0 : i, 1000 + i }).ToArray();
        var plan = Planner(PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 2000), 100).Plan(0);
        Assert.Equal(5, plan.Count);
        Assert.All(plan, b => Assert.Equal((100, 1), (b.Length, b.Count(r => r < 500))));
        Assert.Equal((500, 495), (plan.Report.Left.Count, plan.Report.Collided));
        Assert.Contains("495 of 1000 rows", string.Join(' ', plan.Report.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void SharedTexts_MayMeet_ButNeverAnothersPositive()
    {
        // All rows have one negative, 0, which is the positive of row 0: that row alone meets nobody.
        var exclusive = Enumerable.Range(0, 40).Select(i => new[] { i }).ToArray();
        var plan = Planner(PlanData.Of(exclusive, [.. exclusive.Select(_ => new[] { 0 })], 40), 10).Plan(0);
        Assert.DoesNotContain(plan, b => b.Contains(0) && b.Length > 1);
        Assert.True(plan.Count(b => b.Length >= 9) >= 3);
    }

    [Fact]
    public void RoundRobin_TakesTurns_UntilOneSourceHasNoMore()
    {
        var source = Enumerable.Range(0, 300).Select(i => i < 200 ? 0 : i < 270 ? 1 : 2).ToArray();
        var exclusive = Enumerable.Range(0, 300).Select(i => new[] { i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 300, source);
        var plan = new BatchPlanner(data.Rows, [10], new BatchOptions { SameSource = true, Mixing = SourceMixing.RoundRobin }, 5).Plan(0);
        Assert.Equal(9, plan.Count);
        Assert.All(plan.Chunk(3), turn => Assert.Equal([0, 1, 2], turn.Select(b => source[b[0]]).Order()));
        Assert.Equal(300 - 90, plan.Report.Exhausted);
        Assert.Throws<TrainerException>(() => new BatchPlanner(data.Rows, [10], new BatchOptions { Mixing = SourceMixing.RoundRobin }, 5));
    }

    [Fact]
    public void Proportional_ComesToEverySource_AsOftenAsItHasBatches()
    {
        var source = Enumerable.Range(0, 3000).Select(i => i < 2000 ? 0 : 1).ToArray();
        var exclusive = Enumerable.Range(0, 3000).Select(i => new[] { i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 3000, source);
        var plan = new BatchPlanner(data.Rows, [10], new BatchOptions { SameSource = true }, 5).Plan(0);
        Assert.Equal((200, 100), (plan.Count(b => source[b[0]] == 0), plan.Count(b => source[b[0]] == 1)));

        // Shuffled together: a third of the first half are of the second source (standard deviation 4).
        Assert.InRange(plan.Take(150).Count(b => source[b[0]] == 1), 34, 66);
    }

    [Fact]
    public void SmallSources_AreABatchOfTheirOwn_OrLeftOut_AndTold()
    {
        var source = Enumerable.Range(0, 107).Select(i => i < 100 ? 0 : 1).ToArray();
        var exclusive = Enumerable.Range(0, 107).Select(i => new[] { i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 107, source);
        var kept = new BatchPlanner(data.Rows, [10], new BatchOptions { SameSource = true }, 5).Plan(0);
        Assert.Equal(7, Assert.Single(kept, b => source[b[0]] == 1).Length);
        Assert.Equal(["source 1"], kept.Report.SmallSources);
        var dropped = new BatchPlanner(data.Rows, [10], new BatchOptions { SameSource = true, SmallSources = SmallSources.Drop }, 5).Plan(0);
        Assert.Equal((10, 7), (dropped.Count, dropped.Report.SmallSourceRows));
        Assert.Contains("source 1", Assert.Single(dropped.Report.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_OfOneRow_AreToldToBeTakenTogether()
    {
        // A folder of documents, a file each: none of them can be a batch.
        var exclusive = Enumerable.Range(0, 50).Select(i => new[] { i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 50, [.. Enumerable.Range(0, 50)]);
        var plan = new BatchPlanner(data.Rows, [10], new BatchOptions { SameSource = true }, 5).Plan(0);
        Assert.Equal((0, 50), (plan.Count, plan.Report.SmallSourceRows));
        Assert.Contains("batches.source: folder or generator", Assert.Single(plan.Report.Lines()), StringComparison.Ordinal);
        Assert.Equal([0], Assert.Single(new BatchPlanner(PlanData.Of([[0]], [[]], 1).Rows, [10], new BatchOptions(), 5).Plan(0)));
    }

    [Fact]
    public void RowsLeftOfABucket_GoOnToTheNextLonger()
    {
        // Buckets of 25, 13 and 4 rows with sizes 10, 8, 2: 5 go on to 13, 2 of these 18 to 4, and 6 are three batches.
        var bucket = Enumerable.Range(0, 42).Select(i => i < 25 ? 0 : i < 38 ? 1 : 2).ToArray();
        var exclusive = Enumerable.Range(0, 42).Select(i => new[] { i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 42, null, bucket);
        var plan = new BatchPlanner(data.Rows, [10, 8, 2], new BatchOptions(), 5).Plan(0);
        Assert.Equal([2, 2, 2, 8, 8, 10, 10], plan.Select(b => b.Length).Order());
        Assert.Empty(plan.Report.Left);
    }

    [Fact]
    public void Remainder_IsASmallerBatch_WhereAskedFor()
    {
        var data = PlanData.Draw(8, 105, 100_000);
        Assert.Equal((10, 5), (Planner(data, 10).Plan(0).Count, Planner(data, 10).Plan(0).Report.Remainder));
        var plan = new BatchPlanner(data.Rows, [10], new BatchOptions { Remainder = BatchRemainder.Keep }, 5).Plan(0);
        Assert.Equal((11, 5, 0), (plan.Count, plan.Min(b => b.Length), plan.Report.Left.Count));
    }

    [Fact]
    public void Rows_StaySpreadOverTheEpoch_WhereverTheyCollide()
    {
        // Half the rows repeat their texts: were they put first, early batches would hold nothing else.
        var exclusive = Enumerable.Range(0, 20_000).Select(i => new[] { i % 2 == 0 ? i / 8 : i }).ToArray();
        var data = PlanData.Of(exclusive, [.. exclusive.Select(_ => Array.Empty<int>())], 20_000);
        Assert.All(Planner(data, 500).Plan(0), b => Assert.InRange(b.Count(r => r % 2 == 0), 170, 330));
    }

    [Theory]
    [InlineData(1_000_000, 1_000_000)] // a text comes twice or so
    [InlineData(100_000, 10_000)] // texts come often
    [InlineData(100_000, 100)] // no text finds enough batches
    public void Cost_IsLinear_At8192RowsOfAMillion_SentenceTransformers3611(int rows, int texts)
    {
        const int Keys = 4, Tries = 16, Rounds = 5;
        var plan = new BatchPlanner(PlanData.Many(9, rows, texts), [8192], new BatchOptions(), 5).Plan(0);
        Assert.Equal(rows, plan.Report.Placed + plan.Report.Left.Count);

        // A key is looked at when it is counted in and out and to see whether it repeats, once per batch that is tried, and in exchanges, of which there are as many as rows.
        Assert.InRange(plan.Report.Operations, rows, (long)Rounds * rows * Keys * (3 + Tries + 3));
        var half = new BatchPlanner(PlanData.Many(9, rows / 2, texts / 2), [4096], new BatchOptions(), 5).Plan(0);
        Assert.InRange(plan.Report.Operations / (double)half.Report.Operations, 1, 2.2);
    }

    static BatchPlanner Planner(PlanData data, int size = 16, long seed = 5) => new(data.Rows, [size], new BatchOptions(), seed);
}
