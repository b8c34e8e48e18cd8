using Trainer.Training;
using Trainer.Training.Watching;

namespace Trainer.Tests.Training.Watching;

/// <summary>Alarms on series made by hand: each where it must speak, once, and where it must be silent.</summary>
public sealed class AlarmTests
{
    // 470 steps, warm-up of a tenth, an evaluation every 25: the setting of the report that these alarms were made after.
    static readonly WatchPlan Plan = new()
    {
        LastStep = 470,
        WarmupEnd = 47,
        EvaluateEvery = 25,
        RowsByGenerator = new SortedDictionary<string, long> { ["title"] = 93_000, ["qrels"] = 7_000 },
        QueryCollections = ["miracl"],
    };

    static readonly WatchPlan Quiet = Plan with { RowsByGenerator = new SortedDictionary<string, long> { ["title"] = 50, ["qrels"] = 50 } };

    static IReadOnlyList<WatchEvaluation> FieldReport => Series(18, 25, step => new()
    {
        ["train_loss"] = 0.3 + (4 * Math.Exp(-step / 90.0)),
        ["dev_loss"] = 0.5 + (4 * Math.Exp(-step / 90.0)),
        ["miracl_ndcg@10"] = step <= 50 ? 0.40 + (0.002 * step) : 0.50 - (0.0004 * (step - 50)),
        ["dev_ndcg@10"] = 0.7 - (0.4 * Math.Exp(-step / 60.0)),
        ["positive_cosine"] = 0.85 - (0.0010 * step),
        ["in_batch_cosine"] = 0.60 - (0.0009 * step),
        ["random_pair_std"] = 0.11,
    });

    [Fact]
    public void Alarms_TellTheFieldReport_EachOnce()
    {
        var told = Told(FieldReport, Plan, new WatchOptions());
        Assert.Equal(
        [
            "25 TASK_MISMATCH",
            // Steps 50, 75 and 100 are a falling line of three.
            "100 LOSS_METRIC_DIVERGENCE",
            // Best at step 50; the third evaluation after it is that of 125.
            "125 PEAK_AT_WARMUP",
            // In-batch negatives pass 0.1 at 0.0009 a step, 111 steps after step 25.
            "150 SHIFT",
        ], told.Select(a => $"{a.Step} {a.Name}"));
        Assert.Contains("93,000", told[0].Text, StringComparison.Ordinal);
        Assert.Contains("7 % of the 100,000", told[0].Text, StringComparison.Ordinal);
        Assert.Contains("From step 50 to 100 the training loss fell", told[1].Text, StringComparison.Ordinal);
        Assert.Contains("nDCG@10 of miracl from 0.5000 to 0.4800", told[1].Text, StringComparison.Ordinal);
        Assert.Contains("best at step 50 (0.5000), where warm-up ends (step 47)", told[2].Text, StringComparison.Ordinal);
        Assert.All(told, a => Assert.NotEmpty(a.Advice));
        Assert.All(told, a => Assert.Equal(AlarmPolicy.Tell, a.Policy));
    }

    [Fact]
    public void Alarms_AreSilent_WhileATrainingGoesWell()
    {
        Assert.Empty(Told(Series(18, 25, step => new()
        {
            ["train_loss"] = 0.3 + (4 * Math.Exp(-step / 90.0)),
            ["miracl_ndcg@10"] = 0.5 - (0.2 * Math.Exp(-step / 60.0)),
            ["dev_ndcg@10"] = 0.7 - (0.4 * Math.Exp(-step / 60.0)),
            ["positive_cosine"] = 0.5 + (0.0008 * step),
            ["in_batch_cosine"] = 0.3 - (0.0006 * step),
            ["random_pair_std"] = 0.11,
            ["zero_sparse_rate"] = 0.004,
        }), Quiet, new WatchOptions()));
    }

    [Fact]
    public void Divergence_IsSilent_WhenTheLossRisesToo()
    {
        Assert.Empty(Told(Series(18, 25, step => new() { ["train_loss"] = 1 + (0.01 * step), ["dev_ndcg@10"] = 0.5 - (0.001 * step) }), Quiet with { WarmupEnd = null }, new WatchOptions()));
    }

    [Fact]
    public void Divergence_IsSilent_OnAPlateausNoise()
    {
        var noise = new SplitMix64(3);
        Assert.Empty(Told(Series(200, 25, step => new() { ["train_loss"] = 4 - (0.0005 * step), ["dev_ndcg@10"] = 0.5 + (0.004 * (noise.NextDouble() - 0.5)) }), Quiet with { LastStep = 5000 }, new WatchOptions()));
    }

    [Fact]
    public void Divergence_NeedsThreeEvaluations_AndCountsNoneFromBeforeTheFirstStep()
    {
        WatchEvaluation At(long step, double? loss, double ndcg) => new(step, loss is { } value ? new Dictionary<string, double> { ["train_loss"] = value, ["dev_ndcg@10"] = ndcg } : new Dictionary<string, double> { ["dev_ndcg@10"] = ndcg });
        var series = new[] { At(0, null, 0.6), At(25, 3, 0.5), At(50, 2, 0.45) };
        Assert.Empty(Told(series, Quiet with { WarmupEnd = null }, new WatchOptions()));
        Assert.Single(Told([.. series, At(75, 1.5, 0.41)], Quiet with { WarmupEnd = null }, new WatchOptions()));
    }

    [Fact]
    public void Divergence_SpeaksAgain_AfterItsCauseHadGone()
    {
        double[] ndcg = [0.5, 0.48, 0.46, 0.44, 0.50, 0.54, 0.56, 0.53, 0.50, 0.47];
        var told = Told([.. ndcg.Select((v, i) => new WatchEvaluation((i + 1) * 10, new Dictionary<string, double> { ["train_loss"] = 4 - (i * 0.1), ["dev_ndcg@10"] = v }))], Quiet with { WarmupEnd = null }, new WatchOptions());
        Assert.Equal([30L, 80L], told.Select(a => a.Step));
    }

    [Theory]
    [InlineData(50, 400, 25, true)]
    // Best long after warm-up: what other alarms are for.
    [InlineData(100, 400, 25, false)]
    // Before the end of warm-up by more than half an interval.
    [InlineData(25, 400, 25, false)]
    // Two per cent of 4,000 steps are 80.
    [InlineData(125, 4000, 25, true)]
    [InlineData(150, 4000, 25, false)]
    public void Peak_SpeaksOnlyNearTheEndOfWarmup(int best, int steps, int every, bool speaks)
    {
        var series = Series(16, every, step => new() { ["train_loss"] = 1, ["dev_ndcg@10"] = 0.5 - (0.0005 * Math.Abs(step - best)) });
        Assert.Equal(speaks, Told(series, Quiet with { LastStep = steps, EvaluateEvery = every }, new WatchOptions()).Any(a => a.Kind == AlarmKind.PeakAtWarmup));
    }

    [Fact]
    public void Collapse_SpeaksBelowAHundredth()
    {
        // Two quiet evaluations are a flicker, three the end of the episode.
        double[] deviations = [0.2, 0.05, 0.0101, 0.0099, 0.004, 0.02, 0.02, 0.009, 0.02, 0.02, 0.02, 0.009];
        var told = Told([.. deviations.Select((d, i) => new WatchEvaluation(i, new Dictionary<string, double> { ["random_pair_std"] = d }))], Quiet, new WatchOptions());
        Assert.Equal([3L, 11L], told.Select(a => a.Step));
        Assert.All(told, a => Assert.Equal("COLLAPSE", a.Name));
    }

    [Theory]
    [InlineData(0.11, 0.12, true)]
    [InlineData(-0.11, -0.12, true)]
    [InlineData(-0.3, 0.2, false)]
    [InlineData(0.3, 0.09, false)]
    [InlineData(0.09, 0.3, false)]
    public void Shift_SpeaksWhereBothMoveTheSameWay(double positive, double negative, bool speaks)
    {
        WatchEvaluation At(long step, double p, double n) => new(step, new Dictionary<string, double> { ["positive_cosine"] = p, ["in_batch_cosine"] = n });
        Assert.Equal(speaks, Told([At(0, 0.5, 0.2), At(10, 0.52, 0.21), At(20, 0.5 + positive, 0.2 + negative)], Quiet, new WatchOptions()).Count == 1);
    }

    [Fact]
    public void ZeroSparse_SpeaksAboveItsRate()
    {
        double[] rates = [0, 0.02, 0.021, 0.9];
        var told = Assert.Single(Told([.. rates.Select((r, i) => new WatchEvaluation(i, new Dictionary<string, double> { ["zero_sparse_rate"] = r }))], Quiet, new WatchOptions()));
        Assert.Equal(("ZERO_SPARSE", 2L), (told.Name, told.Step));
    }

    [Theory]
    [InlineData("title:90 lead:10", "nfcorpus", true)]
    [InlineData("title:90 qrels:10", "nfcorpus", false)]
    [InlineData("title:90 llm:10", "nfcorpus", false)]
    [InlineData("title:91 qrels:9", "nfcorpus", true)]
    // Titles measured on titles are no mismatch, nor is what nobody knows.
    [InlineData("title:90 lead:10", "", false)]
    [InlineData("", "nfcorpus", false)]
    public void TaskMismatch_ComparesGeneratorsWithCollections(string generators, string collections, bool speaks)
    {
        var rows = new SortedDictionary<string, long>(generators.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(g => g.Split(':')[0], g => long.Parse(g.Split(':')[1])));
        var plan = Plan with { RowsByGenerator = rows, QueryCollections = collections.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
        Assert.Equal(speaks, Told([new WatchEvaluation(0, new Dictionary<string, double>())], plan, new WatchOptions()).Count == 1);
    }

    [Fact]
    public void Policies_StopRollBackAndLowerTheRate()
    {
        var (state, actions) = Run(FieldReport, Plan, new WatchOptions { LossMetricDivergence = AlarmPolicy.RollBack, Metric = "miracl_ndcg@10" }, "miracl_ndcg@10");
        // Back to step 50 at 100; what still falls is told again three evaluations later, three times, and then the training ends.
        Assert.Equal(["100 RollBack 0.5", "175 RollBack 0.5", "250 RollBack 0.5", "325 Stop 1"], actions.Take(4));
        Assert.Equal((0.125, 3, 50L), (state.RateFactor, state.RollBacks, state.Best!.Step));

        (state, actions) = Run(FieldReport, Plan, new WatchOptions { PeakAtWarmup = AlarmPolicy.Stop, LossMetricDivergence = AlarmPolicy.RollBack }, "miracl_ndcg@10");
        Assert.Equal(["100 RollBack 0.5", "125 Stop 1"], actions.Take(2));

        (state, actions) = Run(FieldReport, Plan, new WatchOptions { Shift = AlarmPolicy.LowerRate, RateFactor = 0.1, LossMetricDivergence = AlarmPolicy.Off }, "miracl_ndcg@10");
        Assert.Equal(["150 LowerRate 0.1"], actions);
        Assert.Equal(0.1, state.RateFactor);

        // Where this evaluation is itself the best there is nothing to go back to.
        (_, actions) = Run([new WatchEvaluation(10, new Dictionary<string, double> { ["random_pair_std"] = 0.001, ["dev_ndcg@10"] = 0.1 })], Quiet, new WatchOptions { Collapse = AlarmPolicy.RollBack }, "dev_ndcg@10");
        Assert.Equal(["10 LowerRate 0.5"], actions);
    }

    [Fact]
    public void Off_SilencesAnAlarm() => Assert.DoesNotContain(Told(FieldReport, Plan, new WatchOptions { TaskMismatch = AlarmPolicy.Off }), a => a.Kind == AlarmKind.TaskMismatch);

    [Fact]
    public void Patience_EndsTheTraining()
    {
        var (state, actions) = Run(FieldReport, Plan, new WatchOptions { EarlyStopping = new() { Patience = 4 } }, "miracl_ndcg@10");
        Assert.Equal("150 Stop 1", actions[0]);
        (_, actions) = Run(FieldReport, Plan, new WatchOptions { EarlyStopping = new() { Patience = 4, Metric = "dev_loss" } }, "miracl_ndcg@10");
        Assert.Empty(actions);
        Assert.Equal(50, state.Best!.Step);
    }

    [Fact]
    public void State_DecidesTheSame_WhereverTheSeriesWasCut()
    {
        var options = new WatchOptions { LossMetricDivergence = AlarmPolicy.RollBack, Shift = AlarmPolicy.LowerRate, EarlyStopping = new() { Patience = 12, Threshold = 0.001 } };
        var judge = new WatchJudge(options, "miracl_ndcg@10");
        var whole = new List<string>();
        var states = new List<string>();
        var state = new WatchState();
        foreach (var evaluation in FieldReport)
        {
            (state, var line) = Step(judge, state, evaluation);
            whole.Add(line);
            states.Add(state.ToJson());
        }

        Assert.Contains(whole, l => l.Contains("RollBack", StringComparison.Ordinal));
        Assert.Contains(whole, l => l.Contains("Stop", StringComparison.Ordinal));
        for (var cut = 0; cut < FieldReport.Count; cut++)
        {
            state = WatchState.FromJson(states[cut]);
            Assert.Equal(states[cut], state.ToJson());
            for (var i = cut + 1; i < FieldReport.Count; i++)
            {
                (state, var line) = Step(judge, state, FieldReport[i]);
                Assert.Equal(whole[i], line);
                Assert.Equal(states[i], state.ToJson());
            }
        }

        static (WatchState State, string Line) Step(WatchJudge judge, WatchState state, WatchEvaluation evaluation)
        {
            var (after, alarms, action, best) = judge.Judge(state, Plan, evaluation);
            return (after, $"{evaluation.Step} {string.Join(',', alarms)} {action} {best}");
        }
    }

    static List<WatchEvaluation> Series(int count, int every, Func<int, Dictionary<string, double>> values) =>
        [.. Enumerable.Range(1, count).Select(i => new WatchEvaluation(i * every, values(i * every)))];

    static List<AlarmRaised> Told(IReadOnlyList<WatchEvaluation> series, WatchPlan plan, WatchOptions options)
    {
        var (state, told) = (new WatchState(), new List<AlarmRaised>());
        foreach (var evaluation in series)
        {
            (state, var alarms, _, _) = new WatchJudge(options, "dev_ndcg@10").Judge(state, plan, evaluation);
            told.AddRange(alarms);
        }

        return told;
    }

    static (WatchState State, List<string> Actions) Run(IReadOnlyList<WatchEvaluation> series, WatchPlan plan, WatchOptions options, string metric)
    {
        var (state, actions) = (new WatchState(), new List<string>());
        foreach (var evaluation in series)
        {
            (state, _, var action, _) = new WatchJudge(options, metric).Judge(state, plan, evaluation);
            if (action.Kind != WatchActionKind.None)
            {
                actions.Add($"{evaluation.Step} {action.Kind} {action.Factor}");
            }
        }

        return (state, actions);
    }
}
