using System.Text.Json.Serialization;

namespace Workflow.Dashboard.Api.Shapes;

/// <summary>A run as lists show it.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Job">Name of its job.</param>
/// <param name="State">queued, running, interrupted, succeeded, failed, cancelled or partial.</param>
/// <param name="Started">When its first stage started; when it was asked for where none did.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Trigger">manual, cron, backfill, resume, api or upstream.</param>
/// <param name="Nodes">Stages and partitions.</param>
/// <param name="Done">Of these, succeeded or reused.</param>
/// <param name="Reused">Of these, reused.</param>
/// <param name="Seconds">How long it took; null while it runs, or where nothing started.</param>
sealed record RunItem(string Run, string Job, string State, DateTimeOffset Started, DateTimeOffset? Ended, string Trigger, int Nodes, int Done, int Reused, double? Seconds);

/// <summary>A stage of a run: its state and the hash of each artifact it published, by slot.</summary>
/// <param name="State">waiting, ready, running, retry_wait, succeeded, reused, failed, skipped or cancelled.</param>
/// <param name="Artifacts">Hash by slot.</param>
sealed record StageState(string State, IReadOnlyDictionary<string, string> Artifacts);

/// <summary>An artifact that a stage published.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Hash">Its id: the hash of its manifest.</param>
/// <param name="Rows">Rows, or null where it has none.</param>
sealed record StageOutput(string Slot, string Kind, string Hash, long? Rows);

/// <summary>A line of a run's table.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="State">Its state.</param>
/// <param name="Seconds">Time that this run spent on it, its partitions included; null where it spent none.</param>
/// <param name="Outputs">What it published, by slot.</param>
sealed record StageLine(string Stage, string State, double? Seconds, IReadOnlyList<StageOutput> Outputs);

/// <summary>A mean, and its 95 % interval where known.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">Lower end, or null.</param>
/// <param name="High">Upper end, or null.</param>
readonly record struct Score(double Mean, double? Low, double? High);

/// <summary>What a run decided of a named slot.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Verdict">promote or keep.</param>
/// <param name="Reason">Why.</param>
sealed record SlotDecision(string Slot, string Verdict, string Reason);

/// <summary>An attempt that ended otherwise than with its results.</summary>
/// <param name="Node">Stage or partition.</param>
/// <param name="Epoch">Which attempt at it.</param>
/// <param name="State">failed, lost, fenced, cancelled, timed_out or superseded.</param>
/// <param name="Exit">user, error, crash, timeout, cancelled, lost, stopped, disk_full, fenced or corrupt_input; null where unknown.</param>
/// <param name="Error">Its message, or null.</param>
sealed record AttemptFailure(string Node, long Epoch, string State, string? Exit, string? Error);

/// <summary>A run with its stages. <c>show --json</c> prints its first six.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Job">Name of its job.</param>
/// <param name="State">queued, running, interrupted, succeeded, failed, cancelled or partial.</param>
/// <param name="Started">When its first stage started; when it was asked for where none did.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Stages">Its stages in declared order.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Trigger">manual, cron, backfill, resume, api or upstream.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="Nodes">Stages and partitions.</param>
/// <param name="Done">Of these, succeeded or reused.</param>
/// <param name="Reused">Of these, reused.</param>
/// <param name="Table">The stages with times and rows.</param>
/// <param name="Scores">Score by metric by system of its last evaluation, or null.</param>
/// <param name="Decisions">What it decided of named slots.</param>
/// <param name="Report">Path of its HTML report on the machine that holds the home, or null.</param>
/// <param name="Failures">Attempts that ended otherwise than with their results, 1,000 at most.</param>
/// <param name="Notes">What could not be read, such as scores whose files are gone.</param>
sealed record RunView(string Run, string Job, string State, DateTimeOffset Started, string? Error, IReadOnlyDictionary<string, StageState> Stages,
    DateTimeOffset Created, DateTimeOffset? Ended, string Trigger, string RequestedBy, int Nodes, int Done, int Reused,
    IReadOnlyList<StageLine> Table, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Score>>? Scores, IReadOnlyList<SlotDecision> Decisions, string? Report,
    IReadOnlyList<AttemptFailure> Failures, IReadOnlyList<string> Notes)
{
    /// <summary>Whether it ended and will not go on by itself.</summary>
    [JsonIgnore]
    public bool IsOver => State is "succeeded" or "failed" or "cancelled" or "partial";
}

/// <summary>What <c>show --json</c> prints.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Job">Name of its job.</param>
/// <param name="State">Its state.</param>
/// <param name="Started">When it started.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Stages">Its stages.</param>
sealed record RunShown(string Run, string Job, string State, DateTimeOffset Started, string? Error, IReadOnlyDictionary<string, StageState> Stages)
{
    /// <summary>From all that is known of it.</summary>
    public static RunShown Of(RunView run) => new(run.Run, run.Job, run.State, run.Started, run.Error, run.Stages);
}

/// <summary>A decision as results show it, keyed by its slot.</summary>
/// <param name="Word">promote or keep.</param>
/// <param name="Reason">Why.</param>
sealed record Verdict([property: JsonPropertyName("verdict")] string Word, string Reason);

/// <summary>How a run ended: the last line of <c>run --json</c>.</summary>
/// <param name="Run">Its id.</param>
/// <param name="State">Its state.</param>
/// <param name="Scores">Mean by metric by system.</param>
/// <param name="Artifacts">Hash by <c>stage.slot</c>.</param>
sealed record RunResult(string Run, string State, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> Scores, IReadOnlyDictionary<string, string> Artifacts)
{
    /// <summary>Path of its HTML report; absent where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    /// <summary>What it decided of named slots; absent where nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, Verdict>? Slots { get; init; }

    /// <summary>Why it failed; absent where it did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>From all that is known of it.</summary>
    public static RunResult Of(RunView run)
    {
        var artifacts = run.Table.SelectMany(s => s.Outputs.Select(o => KeyValuePair.Create($"{s.Stage}.{o.Slot}", o.Hash))).ToDictionary(StringComparer.Ordinal);
        var scores = (run.Scores ?? new Dictionary<string, IReadOnlyDictionary<string, Score>>()).ToDictionary(
            s => s.Key, s => (IReadOnlyDictionary<string, double>)s.Value.ToDictionary(m => m.Key, m => m.Value.Mean, StringComparer.Ordinal), StringComparer.Ordinal);
        var slots = run.Decisions.Count == 0 ? null : run.Decisions.GroupBy(d => d.Slot, StringComparer.Ordinal).ToDictionary(g => g.Key, g => new Verdict(g.Last().Verdict, g.Last().Reason), StringComparer.Ordinal);
        return new RunResult(run.Run, run.State, scores, artifacts) { Report = run.Report, Slots = slots, Error = run.Error };
    }
}

/// <summary>A line of an attempt's log.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Node">Stage or partition.</param>
/// <param name="Attempt">Which attempt at it.</param>
/// <param name="Line">The line.</param>
sealed record LogItem(DateTimeOffset Time, string Node, long Attempt, string Line);
