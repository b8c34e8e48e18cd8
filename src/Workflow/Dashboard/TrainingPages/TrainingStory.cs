using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Training;
using Workflow.Ledger;
using Workflow.Reports.Svg;
using Workflow.Stages;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>An alarm, or something else that a person should know of.</summary>
/// <param name="Number">Number of its flag in the pictures; null for what has none.</param>
/// <param name="Name">LOSS_METRIC_DIVERGENCE, out_of_memory, roll_back, ...</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Text">In words.</param>
/// <param name="Policy">What the job has an alarm do, or null.</param>
/// <param name="Time">When.</param>
public sealed record TrainingNotice(int? Number, string Name, long Step, string Text, string? Policy, DateTimeOffset Time);

/// <summary>A point at which a training was taken up again.</summary>
/// <param name="Epoch">The attempt that took it up.</param>
/// <param name="Step">Step of its checkpoint; null where it began anew.</param>
/// <param name="Before">How the attempt before ended, in words.</param>
/// <param name="Time">When.</param>
public sealed record ResumePoint(long Epoch, long? Step, string Before, DateTimeOffset Time);

/// <summary>What happened to a training: phases, alarms and what was done, better evaluations, resumes.</summary>
public sealed record TrainingStory
{
    const int MostEvents = 2_000;

    /// <summary>Phases with their first and last step.</summary>
    public IReadOnlyList<StepBand> Phases { get; init; } = [];

    /// <summary>Ends of warm-ups.</summary>
    public IReadOnlyList<double> WarmupEnds { get; init; } = [];

    /// <summary>Alarms, numbered, and what else is to be known, by step.</summary>
    public IReadOnlyList<TrainingNotice> Notices { get; init; } = [];

    /// <summary>Step of the best evaluation and the series that decides; null where none was told.</summary>
    public (long Step, string Series)? Best { get; init; }

    /// <summary>Where it was taken up again, oldest first.</summary>
    public IReadOnlyList<ResumePoint> Resumes { get; init; } = [];

    /// <summary>Steps of checkpoints.</summary>
    public IReadOnlyList<double> Checkpoints { get; init; } = [];

    /// <summary>What goes through every curve.</summary>
    public StepMarks Marks => new()
    {
        Phases = Phases,
        WarmupEnds = WarmupEnds,
        Flags = [.. Notices.Where(n => n.Number is not null).Select(n => new StepFlag(n.Number!.Value, n.Step, n.Name))],
        Best = Best?.Step,
        Checkpoints = Checkpoints,
        Resumes = [.. Resumes.Where(r => r.Step is not null).Select(r => (double)r.Step!.Value)],
    };

    /// <summary>Reads it. What an attempt told beyond the checkpoint that a later one went on from never happened.</summary>
    public static TrainingStory Read(LedgerConnection db, string run, string node, IReadOnlyList<CheckpointRow> checkpoints)
    {
        var attempts = db.Query("SELECT epoch, state, exit_kind, resumed_ckpt, started_us FROM attempt WHERE run_id=?1 AND node_id=?2 ORDER BY epoch",
            r => (Epoch: r.Number(0), State: r.Text(1), Exit: r.TextOrNull(2), Resumed: r.NumberOrNull(3), Started: LedgerTime.FromMicros(r.Number(4))), run, node);
        var told = db.Query("""
            SELECT epoch, ts_us, type, payload FROM event WHERE run_id=?1 AND node_id=?2 AND node_id IS NOT NULL AND type>='training.' AND type<'training/' ORDER BY seq DESC LIMIT ?3
            """, r => Told.Of(r.NumberOrNull(0) ?? 0, LedgerTime.FromMicros(r.Number(1)), r.Text(2)[TrainingPayload.EventPrefix.Length..], r.TextOrNull(3)), run, node, MostEvents)
            .Where(e => !attempts.Exists(a => a.Epoch > e.Epoch && (a.Resumed ?? -1) < e.Step)).DistinctBy(e => (e.Kind, e.Name, e.Step)).OrderBy(e => e.Step).ThenBy(e => e.Time).ToList();
        var number = 0;
        return new TrainingStory
        {
            Phases = [.. told.Where(e => e.Kind == TrainingMarks.Phase).Select(e => new StepBand(e.Step, e.Until ?? e.Step, e.Name))],
            WarmupEnds = [.. told.Where(e => e.Kind == TrainingMarks.WarmupEnd).Select(e => (double)e.Step)],
            Best = told.LastOrDefault(e => e.Kind == TrainingMarks.Best) is { } best ? (best.Step, best.Name) : null,
            Notices = [.. told.Where(e => e.Kind is not (TrainingMarks.Phase or TrainingMarks.WarmupEnd or TrainingMarks.Best)).Select(e =>
                new TrainingNotice(e.Policy is not null || e.Kind is MiniBatchSize.OutOfMemory or TrainEnvironment.Changed ? ++number : null, e.Kind, e.Step, e.Text, e.Policy, e.Time))],
            Resumes = [.. attempts.Skip(1).Select((a, i) => new ResumePoint(a.Epoch, a.Resumed, Ended(attempts[i].State, attempts[i].Exit), a.Started))],
            Checkpoints = [.. checkpoints.Select(c => (double)c.Step).Order()],
        };
    }

    static string Ended(string state, string? exit) => (state, exit) switch
    {
        ("lost", "stopped") => "its process was stopped",
        ("lost", _) => "its process was killed or fell silent",
        ("cancelled", _) => "it was cancelled",
        ("timed_out", "stalled") => "it said nothing for too long",
        ("timed_out", _) => "its time was up",
        ("failed", { } kind) => $"it failed ({kind})",
        _ => $"it was {Format.State(state)}",
    };

    sealed record Told(long Epoch, DateTimeOffset Time, string Kind, long Step, string Name, string Text, string? Policy, long? Until)
    {
        public static Told Of(long epoch, DateTimeOffset time, string kind, string? payload)
        {
            using var json = JsonDocument.Parse(payload ?? "{}");
            return new Told(epoch, time, kind, Number("step") ?? 0, Text("name") ?? "", Text("text") ?? "", Text("policy"), Number("until"));

            string? Text(string key) => json.RootElement.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

            long? Number(string key) => json.RootElement.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
        }
    }
}
