using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>Named slots: which model serves under a name. A decision sets one in the transaction that commits it, and only while the slot holds what the decision compared with.</summary>
static class ModelSlots
{
    /// <summary>Rows of a slot whose models garbage collection keeps: the newest ones, so that a step back is possible.</summary>
    public const int Kept = 3;

    /// <summary>What a slot holds; null where it was never set.</summary>
    public static (string ArtifactId, string Logical)? Held(LedgerConnection db, string name)
    {
        var row = db.First("SELECT s.artifact_id, a.logical_hash FROM model_slot s JOIN artifact a USING(artifact_id) WHERE s.name=?1 ORDER BY s.seq DESC LIMIT 1",
            r => (ArtifactId: r.Text(0), Logical: r.Text(1)), name);
        return row.ArtifactId is null ? null : row;
    }

    /// <summary>P6: carries out the decisions among an attempt's outputs.</summary>
    /// <exception cref="SlotMovedException">A slot holds something else than was compared with.</exception>
    public static void Commit(LedgerConnection db, Home home, Claim claim, NodeInputs inputs, IReadOnlyList<SealedArtifact> outputs)
    {
        foreach (var meta in outputs.Where(o => o.Manifest.Kind == PromoteStage.Decision).Select(o => o.Manifest.Meta))
        {
            if (!meta.TryGetValue(PromoteStage.SlotFact, out var slot) || !meta.TryGetValue(PromoteStage.VerdictFact, out var verdict))
            {
                continue;
            }

            var (candidate, compared) = (Of(inputs, PromoteStage.Candidate), Of(inputs, PromoteStage.Current));
            var held = Held(db, slot);
            if (held?.Logical != compared?.Logical)
            {
                throw new SlotMovedException($"The slot '{slot}' holds {Show(held?.ArtifactId)}, but the decision compared with {Show(compared?.ArtifactId)}: it was set meanwhile, or the stage does not read `current: slot:{slot}`. Another try compares with what it holds then.");
            }

            Apply(db, home, slot, verdict, candidate!.ArtifactId, claim.RunId, claim.NodeId, claim.AttemptId);
        }
    }

    /// <summary>P0: whether the slot of an earlier attempt's decision, where it made one, still holds what that compared with, and its candidate's files are there.</summary>
    public static bool StillHolds(LedgerConnection db, Home home, string attemptId) =>
        Decision(db, attemptId) is not { } decision || (Held(db, decision.Slot)?.Logical == decision.Compared && Present(db, home, decision.Candidate));

    /// <summary>P0: carries out again what an earlier attempt decided of the same models.</summary>
    public static void Reuse(LedgerConnection db, Home home, string runId, string nodeId, string attemptId)
    {
        if (Decision(db, attemptId) is { } decision)
        {
            Apply(db, home, decision.Slot, decision.Verdict, decision.Candidate, runId, nodeId, attemptId);
        }
    }

    /// <summary>Adds a row to a slot's history.</summary>
    public static void Set(LedgerConnection db, string name, string artifactId, string? runId, string? attemptId, string actor, long now, string reason) => db.Execute("""
        INSERT INTO model_slot(name, seq, artifact_id, run_id, attempt_id, actor, set_us, reason)
        VALUES (?1, (SELECT COALESCE(MAX(seq), 0)+1 FROM model_slot WHERE name=?1), ?2, ?3, ?4, ?5, ?6, ?7)
        """, name, artifactId, runId, attemptId, actor, now, reason);

    static void Apply(LedgerConnection db, Home home, string slot, string verdict, string candidate, string runId, string nodeId, string attemptId)
    {
        var takes = verdict is "first" or "promote";
        if (takes)
        {
            Set(db, slot, candidate, runId, attemptId, home.Role, home.Now, verdict == "first" ? "the first model in the slot" : "not worse than the one before");
        }

        home.History.Add(db, takes ? "slot.set" : "slot.kept", runId, nodeId, detail: $"{slot} {verdict} {candidate}");
    }

    static (string Slot, string Verdict, string Candidate, string? Compared)? Decision(LedgerConnection db, string attemptId)
    {
        var row = db.First("""
            SELECT json_extract(a.meta_json, '$.slot'), json_extract(a.meta_json, '$.verdict'),
              (SELECT artifact_id FROM edge WHERE attempt_id=?1 AND dir='in' AND slot=?3), (SELECT c.logical_hash FROM edge JOIN artifact c USING(artifact_id) WHERE attempt_id=?1 AND dir='in' AND slot=?4)
            FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir='out' AND a.kind=?2
            """, r => (Slot: r.TextOrNull(0), Verdict: r.TextOrNull(1), Candidate: r.TextOrNull(2), Compared: r.TextOrNull(3)), attemptId, PromoteStage.Decision, PromoteStage.Candidate, PromoteStage.Current);
        return row is ({ } slot, { } verdict, { } candidate, _) ? (slot, verdict, candidate, row.Compared) : null;
    }

    static bool Present(LedgerConnection db, Home home, string artifactId) =>
        ArtifactRows.Load(db, artifactId).Members.All(m => home.Store.Has(m.Hash, m.Size)) && home.Store.Has(artifactId, db.Number("SELECT size FROM blob WHERE hash=?1", artifactId));

    static NodeInput? Of(NodeInputs inputs, string slot) => inputs.All.FirstOrDefault(i => i.Slot == slot);

    static string Show(string? artifactId) => artifactId is null ? "no model" : $"model {artifactId[..12]}";
}
