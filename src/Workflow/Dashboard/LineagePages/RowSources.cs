using Workflow.Ledger;
using Workflow.Lineage;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Reads that lead from an artifact to the tables and files it was made from.</summary>
static class RowSources
{
    const int MostTables = 500, MostPlans = 5000, Steps = 40;

    /// <summary>Hashes of an artifact's Parquet files.</summary>
    public static List<string> Tables(LedgerConnection db, string artifact) =>
        db.Query("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1 AND name LIKE '%.parquet' ORDER BY ordinal LIMIT ?2", r => r.Text(0), artifact, MostTables);

    /// <summary>The nearest artifact of a kind among what an artifact was made from, by the attempts that made each first; null where there is none near.</summary>
    public static string? Ancestor(LedgerConnection db, string artifact, string kind)
    {
        var (open, seen) = (new Queue<string>([artifact]), new HashSet<string>(StringComparer.Ordinal) { artifact });
        for (var step = 0; step < Steps && open.TryDequeue(out var at); step++)
        {
            foreach (var (id, found) in db.Query("""
                SELECT e.artifact_id, a.kind FROM edge e CROSS JOIN artifact a ON a.artifact_id=e.artifact_id WHERE e.dir='in' AND e.attempt_id=(
                  SELECT o.attempt_id FROM edge o CROSS JOIN attempt t ON t.attempt_id=o.attempt_id WHERE o.artifact_id=?1 AND o.dir='out' AND t.state='committed' ORDER BY o.attempt_id LIMIT 1) ORDER BY e.slot, e.ordinal LIMIT 60
                """, r => (r.Text(0), r.Text(1)), at))
            {
                if (found == kind)
                {
                    return id;
                }

                if (seen.Add(id))
                {
                    open.Enqueue(id);
                }
            }
        }

        return null;
    }

    /// <summary>The file outside that a source names, with the run and stage that read it; null where no plan of the stage that made the documents has it.</summary>
    public static (PlannedFile File, string Run, string Node)? File(LedgerConnection db, string documents, string source)
    {
        var maker = db.First("""
            SELECT t.run_id, n.stage FROM edge o CROSS JOIN attempt t ON t.attempt_id=o.attempt_id CROSS JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id
            WHERE o.artifact_id=?1 AND o.dir='out' AND t.state='committed' ORDER BY o.attempt_id LIMIT 1
            """, r => (Run: r.Text(0), Stage: r.Text(1)), documents);
        if (maker.Run is null)
        {
            return null;
        }

        var plans = db.Query("SELECT node_id, plan_json FROM node WHERE run_id=?1 AND node_id>=?2 AND node_id<?2||'0' LIMIT ?3", r => (Node: r.Text(0), Plan: r.Text(1)), maker.Run, maker.Stage, MostPlans);
        foreach (var (node, plan) in plans)
        {
            if (PlannedFile.Of(plan).FirstOrDefault(f => f.Name == source || f.Name.EndsWith("/" + source, StringComparison.Ordinal) || f.Path.EndsWith("/" + source, StringComparison.Ordinal)) is { } file)
            {
                return (file, maker.Run, node);
            }
        }

        return null;
    }
}
