using System.Text.Json.Nodes;
using Workflow.Ledger;
using Workflow.Lineage;

namespace Workflow.Outside.OpenLineage;

/// <summary>A lineage graph as OpenLineage run events: the runs and attempts in it from START to end, with the ids that sinks tell them under.</summary>
static class OpenLineageGraph
{
    /// <summary>The events in order of time, one JSON text each.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="ns">Namespace of jobs and datasets.</param>
    public static IReadOnlyList<string> Lines(LedgerDb ledger, LineageGraph graph, string ns) => ledger.Read(db =>
    {
        var events = new OpenLineageEvents(ns);
        var told = new List<(DateTimeOffset Time, JsonObject Event)>();
        var parts = new HashSet<(string Run, long Seq)>();
        foreach (var id in graph.Vertices.Where(v => v.Type == "attempt").Select(v => v.Id["attempt:".Length..]))
        {
            var (runId, node, epoch, start, end) = db.First("SELECT run_id, node_id, epoch, started_us, ended_us FROM attempt WHERE attempt_id=?1",
                r => (r.Text(0), r.Text(1), r.Number(2), LedgerTime.FromMicros(r.Number(3)), LedgerTime.FromMicros(r.Number(4))), id);
            var run = LineageFactQueries.Run(db, runId)!;
            var part = RunPart.At(db, runId, start);
            if (parts.Add((runId, part.Seq)))
            {
                told.Add((part.Begun, events.Run("START", part.Begun, run, part, null)));
                foreach (var e in Ends(db, runId, part.Seq))
                {
                    told.Add((e.Time, events.Run(OpenLineageSource.EndOf(OutsideJson.Detail(e)), e.Time, run, part, OutsideJson.Detail(e))));
                }
            }

            told.Add((start, events.Attempt(db, "START", start, run, part, node, epoch)));
            told.Add((end, events.Attempt(db, "COMPLETE", end, run, part, node, epoch)));
        }

        return told.OrderBy(t => t.Time).Select(t => t.Event.ToJsonString(OutsideJson.Serializer)).ToList();
    });

    static List<EventRow> Ends(LedgerConnection db, string runId, long after) => db.Query(
        "SELECT seq, ts_us, type, payload FROM event WHERE run_id=?1 AND seq>?2 AND (type='run.queued' OR type='run.resumed' OR type='run.ended') AND type='run.ended' ORDER BY seq LIMIT 1",
        r => new EventRow(r.Number(0), LedgerTime.FromMicros(r.Number(1)), runId, null, null, r.Text(2), r.TextOrNull(3)), runId, after);
}
