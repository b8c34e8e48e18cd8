using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Asks for acts over many; the process that serves the home carries them out, see <see cref="BulkWorker"/>.</summary>
/// <param name="ledger">The ledger, opened for writing.</param>
sealed class BulkActs(LedgerDb ledger)
{
    /// <summary>Writes what is asked for, with its line in the audit. Ticked targets are listed here, those of a filter in the background.</summary>
    /// <returns>The bulk act's id.</returns>
    public string Start(BulkFilter filter, string action, string actor, string reason)
    {
        var (id, why) = (ledger.Time.NewId(), Audit.Required(reason, "An act on many"));
        ledger.Write(db =>
        {
            var now = ledger.Time.Micros();
            var targets = BulkTargets.Of(filter, action, now);
            var ticked = filter.Ids.Count > 0 ? targets.First(db, filter.Ids.Count) : [];
            var total = filter.Ids.Count > 0 ? ticked.Count : targets.Count(db);
            if (total == 0)
            {
                throw new WorkflowException($"Nothing to {action}: no {filter.Kind} fits any more.");
            }

            // The list itself is in the items; that it was ticked is worth knowing.
            var kept = filter with { Ids = [.. filter.Ids.Take(3)] };
            db.Execute("INSERT INTO bulk_act(bulk_id, kind, action, filter_json, actor, reason, state, total, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                id, filter.Kind, action, JsonSerializer.Serialize(kept), actor, why, ticked.Count > 0 ? "acting" : "listing", (long)ticked.Count, now);
            foreach (var target in ticked)
            {
                db.Execute("INSERT INTO bulk_item(bulk_id, run_id, node_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id, target.RunId, target.NodeId);
            }

            Audit.Add(db, now, actor, $"bulk.{action}", id, why, new { total, filter = kept });
        });
        return id;
    }

    /// <summary>Stops one after its present batch.</summary>
    public void Stop(string id, string actor, string reason) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        var bulk = BulkRow.Find(db, id) ?? throw new WorkflowException($"There is no bulk act '{id}' in this home.", exitCode: 2);
        if (bulk.Ended is not null)
        {
            throw new WorkflowException($"The bulk act {id} has {bulk.State} already.");
        }

        db.Execute("UPDATE bulk_act SET state='stopped', ended_us=?2 WHERE bulk_id=?1", id, now);
        Audit.Add(db, now, actor, "bulk.stop", id, reason, new { done = bulk.Done, failed = bulk.Failed, total = bulk.Total });
    });
}
