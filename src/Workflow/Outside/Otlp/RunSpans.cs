using System.Diagnostics;
using Workflow.Ledger;

namespace Workflow.Outside.Otlp;

/// <summary>
/// Runs as traces: a span per run, below it one per node, below that one per attempt, with the times of the history. The trace's id is the run's. Made from events, so whoever takes over a lost attempt ends its span.
/// </summary>
sealed class RunSpans : IHistoryListener, IDisposable
{
    /// <summary>Name of the source and the meter.</summary>
    public const string Name = "Workflow";

    [ThreadStatic]
    static ActivityTraceId? next;

    readonly ActivitySource source = new(Name, ProgramVersion.Text);
    readonly Dictionary<string, Activity> runs = new(StringComparer.Ordinal);
    readonly Dictionary<(string Run, string Node), Activity> nodes = [];
    readonly Dictionary<(string Run, string Node), (long Epoch, Activity Activity)> attempts = [];

    static RunSpans()
    {
        var others = Activity.TraceIdGenerator;
        Activity.TraceIdGenerator = () => next ?? others?.Invoke() ?? ActivityTraceId.CreateRandom();
    }

    /// <inheritdoc/>
    public void Tell(LedgerConnection db, EventRow e)
    {
        if (e.RunId is null)
        {
            return;
        }

        switch (e.Type)
        {
            case "run.queued" or "run.resumed":
                Run(db, e.RunId, e.Time);
                break;
            case "run.ended" or "run.interrupted":
                EndRun(e, e.Type == "run.ended" ? OutsideJson.Detail(e) ?? "" : "interrupted");
                break;
            case "node.claimed":
                Claimed(db, e);
                break;
            case "node.reused":
                using (var node = Node(db, e))
                {
                    node?.SetTag("workflow.memo", "hit").SetEndTime(e.Time.UtcDateTime);
                    nodes.Remove((e.RunId, e.NodeId!));
                }

                break;
            case "checkpoint":
                if (attempts.TryGetValue((e.RunId, e.NodeId!), out var running))
                {
                    running.Activity.AddEvent(new ActivityEvent("checkpoint", e.Time, new ActivityTagsCollection { ["workflow.step"] = OutsideJson.Detail(e) }));
                }

                break;
            default:
                if (AttemptEnd.Of(db, e) is { } end)
                {
                    Ended(e, end);
                }
                else if (e.Type == "node.failed")
                {
                    EndNode(e, "failed");
                }

                break;
        }
    }

    void Claimed(LedgerConnection db, EventRow e)
    {
        var key = (e.RunId!, e.NodeId!);
        if (Node(db, e) is not { } node)
        {
            return;
        }

        // A second attempt points to the one it follows.
        var before = attempts.Remove(key, out var old) ? old.Activity : null;
        before?.SetEndTime(e.Time.UtcDateTime).Dispose();
        var links = node.GetTagItem("workflow.last_attempt") is string last && ActivityContext.TryParse(last, null, out var context) ? new[] { new ActivityLink(context) } : null;
        var uses = db.Text("SELECT uses FROM node WHERE run_id=?1 AND node_id=?2", e.RunId, e.NodeId);
        if (Start($"attempt {e.NodeId}", e.Time, node.Context, links) is { } attempt)
        {
            attempt.SetTag("workflow.run", e.RunId).SetTag("workflow.node", e.NodeId).SetTag("workflow.stage", AttemptEnd.StageOf(e.NodeId!)).SetTag("workflow.uses", uses).SetTag("workflow.epoch", e.Epoch).SetTag("workflow.attempt", OutsideJson.Detail(e));
            node.SetTag("workflow.last_attempt", attempt.Id);
            attempts[key] = (e.Epoch ?? 0, attempt);
        }
    }

    void Ended(EventRow e, AttemptEnd end)
    {
        var key = (e.RunId!, e.NodeId!);
        if (attempts.TryGetValue(key, out var running) && running.Epoch == e.Epoch)
        {
            attempts.Remove(key);
            running.Activity.SetTag("workflow.outcome", end.Outcome).SetTag("workflow.exit_kind", end.ExitKind);
            Close(running.Activity, e.Time, end.Outcome is "committed" or "cancelled" or "stopped" ? null : end.Error ?? end.Outcome);
        }

        if (end.Outcome is "committed" or "failed" or "cancelled")
        {
            EndNode(e, end.Outcome, end.Outcome == "failed" ? end.Error : null);
        }
    }

    void EndNode(EventRow e, string outcome, string? error = null)
    {
        if (nodes.Remove((e.RunId!, e.NodeId!), out var node))
        {
            node.SetTag("workflow.outcome", outcome);
            Close(node, e.Time, outcome == "failed" ? error ?? "failed" : null);
        }
    }

    void EndRun(EventRow e, string state)
    {
        foreach (var key in attempts.Keys.Where(k => k.Run == e.RunId).ToList())
        {
            attempts.Remove(key, out var open);
            Close(open.Activity, e.Time, null);
        }

        foreach (var key in nodes.Keys.Where(k => k.Run == e.RunId).ToList())
        {
            nodes.Remove(key, out var open);
            Close(open!, e.Time, null);
        }

        if (runs.Remove(e.RunId!, out var run))
        {
            run.SetTag("workflow.state", state);
            Close(run, e.Time, state is "failed" or "partial" ? state : null);
        }
    }

    Activity? Node(LedgerConnection db, EventRow e)
    {
        var key = (e.RunId!, e.NodeId!);
        if (nodes.TryGetValue(key, out var known))
        {
            return known;
        }

        if (Run(db, e.RunId!, e.Time) is not { } run || Start($"node {AttemptEnd.StageOf(e.NodeId!)}", e.Time, run.Context, null) is not { } node)
        {
            return null;
        }

        node.SetTag("workflow.run", e.RunId).SetTag("workflow.node", e.NodeId).SetTag("workflow.stage", AttemptEnd.StageOf(e.NodeId!));
        return nodes[key] = node;
    }

    Activity? Run(LedgerConnection db, string runId, DateTimeOffset time)
    {
        if (runs.TryGetValue(runId, out var known))
        {
            return known;
        }

        next = Guid.TryParse(runId, out var id) ? ActivityTraceId.CreateFromString(id.ToString("N")) : null;
        try
        {
            if (Start($"run {AttemptEnd.JobOf(db, runId)}", time, default, null) is not { } run)
            {
                return null;
            }

            var (trigger, nominal) = db.First("SELECT trigger_kind, nominal_start_us FROM run WHERE run_id=?1", r => (r.Text(0), r.TimeOrNull(1)), runId);
            run.SetTag("workflow.run", runId).SetTag("workflow.job", AttemptEnd.JobOf(db, runId)).SetTag("workflow.trigger", trigger).SetTag("workflow.nominal_time", nominal is { } at ? OutsideJson.Time(at) : null);
            return runs[runId] = run;
        }
        finally
        {
            next = null;
        }
    }

    Activity? Start(string name, DateTimeOffset time, ActivityContext parent, IEnumerable<ActivityLink>? links)
    {
        // The tail's thread has no span of its own, and must not get one.
        Activity.Current = null;
        var activity = source.StartActivity(name, ActivityKind.Internal, parent, tags: null, links, time);
        Activity.Current = null;
        return activity;
    }

    static void Close(Activity activity, DateTimeOffset time, string? error)
    {
        if (error is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error, error);
        }

        activity.SetEndTime(time.UtcDateTime);
        activity.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var open in attempts.Values.Select(a => a.Activity).Concat(nodes.Values).Concat(runs.Values))
        {
            open.Dispose();
        }

        source.Dispose();
    }
}
