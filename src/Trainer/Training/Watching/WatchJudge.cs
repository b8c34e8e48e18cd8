namespace Trainer.Training.Watching;

/// <summary>Decides what follows from an evaluation: a pure function of the state, so that a resumed training decides alike.</summary>
/// <param name="options">Policies and thresholds.</param>
/// <param name="metric">The series by which the best is chosen.</param>
public sealed class WatchJudge(WatchOptions options, string metric)
{
    // A roll-back undoes what these are about; if they sound again, it is a new fall.
    static readonly AlarmKind[] Undone = [AlarmKind.LossMetricDivergence, AlarmKind.Collapse, AlarmKind.ZeroSparse];

    /// <summary>The state after an evaluation, the alarms that began to sound, and what to do.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="plan">The phase that runs.</param>
    /// <param name="evaluation">What was measured.</param>
    public (WatchState State, IReadOnlyList<AlarmRaised> Alarms, WatchAction Action, bool IsBest) Judge(WatchState state, WatchPlan plan, WatchEvaluation evaluation)
    {
        state = state with { Evaluations = [.. state.Evaluations, evaluation] };
        var isBest = evaluation[metric] is { } value && (state.Best is not { } best || (LowerIsBetter(metric) ? value < best.Value : value > best.Value));
        state = isBest ? state with { Best = new BestEvaluation(evaluation.Step, evaluation[metric]!.Value) } : state;

        var series = new WatchSeries(state.Evaluations, plan, state.Since);
        var found = AlarmTable.All.Where(a => options.Policy(a.Kind) != AlarmPolicy.Off).Select(a => (Alarm: a, Text: a.Look(series, options))).Where(f => f.Text is not null).ToList();
        var raised = found.Where(f => state.Sounding.All(s => s.Kind != f.Alarm.Kind))
            .Select(f => new AlarmRaised(f.Alarm.Kind, f.Alarm.Name, evaluation.Step, f.Text!, f.Alarm.Advice, options.Policy(f.Alarm.Kind))).ToList();
        state = state with
        {
            Sounding =
            [
                .. found.Select(f => new SoundingAlarm(f.Alarm.Kind)),
                .. state.Sounding.Where(s => found.All(f => f.Alarm.Kind != s.Kind) && s.Quiet + 1 < options.Evaluations).Select(s => s with { Quiet = s.Quiet + 1 }),
            ],
        };

        var patience = false;
        if (evaluation[options.EarlyStopping.Metric ?? metric] is { } watched)
        {
            (var stopping, patience) = state.EarlyStopping.After(watched, LowerIsBetter(options.EarlyStopping.Metric ?? metric), options.EarlyStopping);
            state = state with { EarlyStopping = stopping };
        }

        var action = Decide(state, raised, patience, evaluation.Step);
        return (Act(state, action, evaluation.Step), raised, action, isBest);
    }

    /// <summary>Whether lower values of a series are better.</summary>
    public static bool LowerIsBetter(string key) => key.EndsWith(WatchKeys.LossSuffix, StringComparison.Ordinal);

    // The strongest of what the alarms ask for.
    WatchAction Decide(WatchState state, List<AlarmRaised> raised, bool patience, long step)
    {
        if (patience)
        {
            return new WatchAction(WatchActionKind.Stop, 1, $"{options.EarlyStopping.Metric ?? metric} has not improved on {state.EarlyStopping.Best:0.####} by more than {options.EarlyStopping.Threshold} for {state.EarlyStopping.Waited} evaluations.");
        }

        var strongest = raised.Where(a => a.Policy >= AlarmPolicy.Stop).OrderBy(a => a.Policy).FirstOrDefault();
        var backs = state.Best is { } best && best.Step < step;
        return strongest?.Policy switch
        {
            AlarmPolicy.Stop => new WatchAction(WatchActionKind.Stop, 1, $"{strongest.Name}: {strongest.Text}"),
            AlarmPolicy.RollBack when backs && state.RollBacks >= options.MaxRollBacks =>
                new WatchAction(WatchActionKind.Stop, 1, $"{strongest.Name} after {state.RollBacks} roll-backs (max_roll_backs): {strongest.Text}"),
            AlarmPolicy.RollBack when backs => new WatchAction(WatchActionKind.RollBack, options.RateFactor, $"{strongest.Name}: back to step {state.Best!.Step}, rate times {options.RateFactor}."),
            AlarmPolicy.RollBack or AlarmPolicy.LowerRate => new WatchAction(WatchActionKind.LowerRate, options.RateFactor, $"{strongest.Name}: rate times {options.RateFactor}."),
            _ => new WatchAction(WatchActionKind.None),
        };
    }

    static WatchState Act(WatchState state, WatchAction action, long step) => action.Kind switch
    {
        WatchActionKind.LowerRate => state with { RateFactor = state.RateFactor * action.Factor, Since = step, Sounding = [.. state.Sounding.Where(s => s.Kind != AlarmKind.LossMetricDivergence)] },
        WatchActionKind.RollBack => state with
        {
            RateFactor = state.RateFactor * action.Factor,
            Since = step,
            RollBacks = state.RollBacks + 1,
            Sounding = [.. state.Sounding.Where(s => !Undone.Contains(s.Kind))],
        },
        _ => state,
    };
}
