using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>What a stage may take over from its last run to the end, and how much of it an attempt took. No memo key knows of either: outputs are the same bytes without.</summary>
static class PreviousResults
{
    const int Candidates = 8;

    /// <summary>Parts of a key that must be equal: with another option, version or machine the earlier results answer another question.</summary>
    static readonly string[] Same = ["code", "environment", "options", "v", "version"];

    /// <summary>The outputs of the last committed attempt of the whole stage under equal options, code and environment; null where there is none or a file of it is gone.</summary>
    public static PreviousOutputs? Find(Home home, string runId, PlannedNode node, MemoKey key, InputCheck check)
    {
        var wanted = node.Spec.Stage.TakesOver(node.Partition);
        if (wanted.Count == 0)
        {
            return null;
        }

        var last = home.Ledger.Read(db =>
        {
            var found = db.Query("""
                SELECT m.attempt_id, t.run_id, m.key_json FROM memo m JOIN attempt t USING(attempt_id) JOIN run r USING(run_id)
                WHERE m.uses=?1 AND m.stage=?2 AND m.kind IN('single','gather') AND m.stage_code_hash=?3 AND m.invalid_us IS NULL AND r.pipeline=(SELECT pipeline FROM run WHERE run_id=?4)
                ORDER BY COALESCE(m.last_hit_us, m.created_us) DESC LIMIT ?5
                """, r => (AttemptId: r.Text(0), RunId: r.Text(1), Key: r.Text(2)), node.Spec.Stage.Name, node.Spec.Name, key.CodeHash, runId, Candidates).Find(m => Comparable(m.Key, key.Json));
            if (found.AttemptId is null)
            {
                return null;
            }

            var slots = db.Query("SELECT slot, artifact_id FROM edge WHERE attempt_id=?1 AND dir='out' ORDER BY slot", r => (Slot: r.Text(0), Id: r.Text(1)), found.AttemptId)
                .Where(s => wanted.Contains(s.Slot)).ToDictionary(s => s.Slot, s => NodeInputs.Artifact(db, home.Store, s.Id), StringComparer.Ordinal);
            return slots.Count == wanted.Count ? new PreviousOutputs(found.RunId, slots) : null;
        });
        return last is not null && last.Slots.Values.All(check.Sound) ? last : null;
    }

    /// <summary>Writes the counts of an attempt that is about to commit.</summary>
    public static void Record(Home home, Claim claim, StageReport report, PreviousOutputs? previous)
    {
        if (report.Reused.Count == 0)
        {
            return;
        }

        home.Ledger.Write(db =>
        {
            foreach (var (words, (total, anew)) in report.Reused)
            {
                db.Execute("INSERT OR REPLACE INTO attempt_reuse(attempt_id, words, total, anew, source_run) VALUES (?1, ?2, ?3, ?4, ?5)", claim.AttemptId, words, total, anew, previous?.RunId);
            }
        });
    }

    /// <summary>The counts of the attempt that a node committed.</summary>
    public static List<ReuseCount> Counts(LedgerConnection db, string runId, string nodeId) => db.Query("""
        SELECT u.words, u.total, u.anew, u.source_run FROM node n JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch JOIN attempt_reuse u USING(attempt_id)
        WHERE n.run_id=?1 AND n.node_id=?2 ORDER BY u.words
        """, r => new ReuseCount(r.Text(0), r.Number(1), r.Number(2), r.TextOrNull(3)), runId, nodeId);

    static bool Comparable(string before, string after)
    {
        using var old = JsonDocument.Parse(before);
        using var now = JsonDocument.Parse(after);
        return Array.TrueForAll(Same, name => Part(old, name) == Part(now, name));
    }

    static string? Part(JsonDocument key, string name) => key.RootElement.TryGetProperty(name, out var value) ? value.GetRawText() : null;
}
