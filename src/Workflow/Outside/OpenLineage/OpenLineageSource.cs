using System.Text.Json.Nodes;
using Workflow.Ledger;

namespace Workflow.Outside.OpenLineage;

/// <summary>
/// The history as OpenLineage run events: a run and every attempt of it begin with one START and end with one of COMPLETE, FAIL or ABORT. Keys are <c>runId/eventType</c>, for RUNNING with the event's number.
/// What began before the sink did is told from its end: its START comes right before.
/// </summary>
/// <param name="ns">Namespace of jobs and datasets.</param>
/// <param name="after">Events up to this one are not told.</param>
sealed class OpenLineageSource(string ns, long after) : IMessageSource
{
    readonly OpenLineageEvents events = new(ns);

    /// <inheritdoc/>
    public IEnumerable<OutsideMessage> Messages(LedgerConnection db, EventRow e)
    {
        if (e.Seq <= after || e.RunId is null || LineageFactQueries.Run(db, e.RunId) is not { } run)
        {
            return [];
        }

        var told = e.NodeId is null ? OfRun(db, e, run) : OfNode(db, e, run);
        return [.. told.Select(t => new OutsideMessage(e.Seq, Key(t, e.Seq), System.Text.Encoding.UTF8.GetBytes(t.ToJsonString(OutsideJson.Serializer))))];
    }

    /// <summary>How a run that ended in a state ends there.</summary>
    public static string EndOf(string? state) => state switch { "succeeded" => "COMPLETE", "cancelled" => "ABORT", _ => "FAIL" };

    /// <summary>What a receiver deduplicates an event by.</summary>
    static string Key(JsonObject told, long seq)
    {
        var type = (string)told["eventType"]!;
        return $"{told["run"]!["runId"]}/{type}{(type == "RUNNING" ? $"/{seq}" : "")}";
    }

    IEnumerable<JsonObject> OfRun(LedgerConnection db, EventRow e, RunFacts run)
    {
        var part = RunPart.Of(db, run.RunId, e.Seq);
        switch (e.Type)
        {
            case "run.queued" or "run.resumed" when part.Seq == e.Seq:
                yield return events.Run("START", e.Time, run, part, null);
                break;
            case "run.started" when part.Seq > after:
                yield return events.Run("RUNNING", e.Time, run, part, null);
                break;
            case "run.ended":
                if (part.Seq <= after)
                {
                    yield return events.Run("START", part.Begun, run, part, null);
                }

                var state = OutsideJson.Detail(e);
                yield return events.Run(EndOf(state), e.Time, run, part, state);
                break;
        }
    }

    IEnumerable<JsonObject> OfNode(LedgerConnection db, EventRow e, RunFacts run)
    {
        var node = e.NodeId!;
        var part = RunPart.Of(db, run.RunId, e.Seq);
        if (e.Type == "node.reused")
        {
            var made = OutsideJson.Detail(e) ?? "";
            yield return events.Reuse(db, "START", e.Time, run, part, node, e.Seq, made);
            yield return events.Reuse(db, "COMPLETE", e.Time, run, part, node, e.Seq, made);
            yield break;
        }

        if (e.Epoch is not { } epoch)
        {
            yield break;
        }

        var type = e.Type switch
        {
            "node.claimed" => "START",
            "checkpoint" => "RUNNING",
            "node.committed" => "COMPLETE",
            "node.failed" or "node.retry" => "FAIL",
            "node.cancelled" or "node.fenced" => "ABORT",
            "node.lost" => db.Text("SELECT exit_kind FROM attempt WHERE run_id=?1 AND node_id=?2 AND epoch=?3", run.RunId, node, epoch) == "stopped" ? "ABORT" : "FAIL",
            _ => null,
        };
        if (type is null)
        {
            yield break;
        }

        if (type != "START" && Claimed(db, run.RunId, node, epoch) is { } claimed && claimed.Seq <= after)
        {
            if (type == "RUNNING")
            {
                yield break;
            }

            yield return events.Attempt(db, "START", claimed.Time, run, part, node, epoch);
        }

        var told = events.Attempt(db, type, e.Time, run, part, node, epoch);
        if (type == "RUNNING" && long.TryParse(OutsideJson.Detail(e), out var step))
        {
            OpenLineageEvents.AddTraining(db, told, run.RunId, node, step);
        }

        yield return told;
    }

    /// <summary>The event that began an attempt before the sink began. The history is searched only for an attempt whose own row says that it is that old.</summary>
    (long Seq, DateTimeOffset Time)? Claimed(LedgerConnection db, string runId, string nodeId, long epoch) => after == 0 || db.Number(
        "SELECT COUNT(*) FROM attempt WHERE run_id=?1 AND node_id=?2 AND epoch=?3 AND started_us <= (SELECT ts_us FROM event WHERE seq=?4)", runId, nodeId, epoch, after) == 0 ? null : db.First(
        "SELECT seq, ts_us FROM event WHERE run_id=?1 AND seq<=?4 AND node_id=?2 AND epoch=?3 AND type='node.claimed' ORDER BY seq DESC LIMIT 1",
        r => ((long, DateTimeOffset)?)(r.Number(0), LedgerTime.FromMicros(r.Number(1))), runId, nodeId, epoch, after);
}
