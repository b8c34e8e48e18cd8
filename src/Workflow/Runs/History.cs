using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>Writes history inside the transaction that makes it true. It is the outbox too: whoever tells the outside reads on from where it stood, see <c>Workflow.Outside</c>.</summary>
sealed class History(TimeProvider time)
{
    /// <summary>What one step of priority counts as, in waiting time.</summary>
    public TimeSpan Ageing { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock that stamps events.</summary>
    public TimeProvider Time => time;

    /// <summary>Records an event.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="type">run.queued, run.started, run.ended, node.claimed, node.committed, node.reused, node.failed, ...</param>
    /// <param name="runId">Run.</param>
    /// <param name="nodeId">Node or null.</param>
    /// <param name="epoch">Fence or null.</param>
    /// <param name="detail">Free text, or null.</param>
    public void Add(LedgerConnection db, string type, string runId, string? nodeId = null, long? epoch = null, string? detail = null)
    {
        var payload = detail is null ? null : CanonicalJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("detail", detail);
            json.WriteEndObject();
        });
        db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", time.Micros(), runId, nodeId, epoch, type, payload);
    }
}
