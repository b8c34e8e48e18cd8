using Workflow.Ledger;

namespace Workflow.Outside.Metrics;

/// <summary>What has happened since this process took the home, counted event by event: no scrape looks at the whole history.</summary>
sealed class HistoryMetrics : IHistoryListener
{
    readonly Lock gate = new();
    readonly SortedDictionary<(string Job, string State), long> runs = [];
    readonly SortedDictionary<string, Distribution> runSeconds = new(StringComparer.Ordinal);
    readonly SortedDictionary<(string Stage, string Outcome, string Kind), long> attempts = [];
    readonly SortedDictionary<(string Stage, string Outcome), Distribution> attemptSeconds = [];
    readonly SortedDictionary<string, long> claims = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, long> reuses = new(StringComparer.Ordinal);
    long events;
    long checkpoints;

    /// <inheritdoc/>
    public void Tell(LedgerConnection db, EventRow e)
    {
        lock (gate)
        {
            events++;
            switch (e.Type)
            {
                case "node.claimed":
                    Count(claims, AttemptEnd.StageOf(e.NodeId!));
                    break;
                case "node.reused":
                    Count(reuses, AttemptEnd.StageOf(e.NodeId!));
                    break;
                case "checkpoint":
                    checkpoints++;
                    break;
                case "run.ended":
                    var job = AttemptEnd.JobOf(db, e.RunId);
                    Count(runs, (job, OutsideJson.Detail(e) ?? ""));
                    var started = db.First("SELECT started_us FROM run WHERE run_id=?1", r => r.TimeOrNull(0), e.RunId);
                    Of(runSeconds, job).Add(Seconds(started, e));
                    break;
                default:
                    if (AttemptEnd.Of(db, e) is { } end)
                    {
                        Count(attempts, (end.Stage, end.Outcome, end.ExitKind));
                        Of(attemptSeconds, (end.Stage, end.Outcome)).Add(Seconds(end.Started, e));
                    }

                    break;
            }
        }
    }

    /// <summary>Writes the families.</summary>
    public void Write(PrometheusText text)
    {
        lock (gate)
        {
            text.Counters("workflow_runs_ended_total", "Runs that ended since this process took the home, by job and state.", runs.Select(r => (Labels(("job", r.Key.Job), ("state", r.Key.State)), (double)r.Value)));
            text.Histograms("workflow_run_duration_seconds", "Time from a run's start to its end, by job.", runSeconds.Select(r => (Labels(("job", r.Key)), r.Value)));
            text.Counters("workflow_attempts_started_total", "Attempts claimed since this process took the home, by stage: work that no earlier result could stand in for.", claims.Select(c => (Labels(("stage", c.Key)), (double)c.Value)));
            text.Counters("workflow_attempts_ended_total", "Attempts that ended, by stage, outcome and kind of exit.", attempts.Select(a => (Labels(("stage", a.Key.Stage), ("outcome", a.Key.Outcome), ("exit_kind", a.Key.Kind)), (double)a.Value)));
            text.Histograms("workflow_attempt_duration_seconds", "Time from claim to end of an attempt, by stage and outcome.", attemptSeconds.Select(a => (Labels(("stage", a.Key.Stage), ("outcome", a.Key.Outcome)), a.Value)));
            text.Counters("workflow_memo_hits_total", "Nodes whose results were taken from an earlier attempt, by stage.", reuses.Select(r => (Labels(("stage", r.Key)), (double)r.Value)));
            text.Counter("workflow_retries_total", "Attempts that failed and whose node is tried again.", attempts.Where(a => a.Key.Outcome == "retried").Sum(a => a.Value));
            text.Counter("workflow_infra_losses_total", "Attempts lost with their process; they spend no try.", attempts.Where(a => a.Key.Outcome == "lost").Sum(a => a.Value));
            text.Counter("workflow_fenced_total", "Late attempts that were refused.", attempts.Where(a => a.Key.Outcome == "fenced").Sum(a => a.Value));
            text.Counter("workflow_checkpoints_total", "Checkpoints committed.", checkpoints);
            text.Counter("workflow_events_total", "Events of the history seen by this process.", events);
        }
    }

    static double Seconds(DateTimeOffset? from, EventRow to) => from is { } start && to.Time > start ? (to.Time - start).TotalSeconds : 0;

    static (string Name, string Value)[] Labels(params (string Name, string Value)[] labels) => labels;

    static void Count<T>(SortedDictionary<T, long> of, T key)
        where T : notnull => of[key] = of.GetValueOrDefault(key) + 1;

    static Distribution Of<T>(SortedDictionary<T, Distribution> of, T key)
        where T : notnull
    {
        if (!of.TryGetValue(key, out var found))
        {
            of.Add(key, found = new Distribution(Distribution.Seconds));
        }

        return found;
    }
}
