using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.Queries;

/// <summary>A lineage graph for drawing.</summary>
/// <param name="Nodes">Artifacts and the attempts between them.</param>
/// <param name="Edges">From inputs to outputs.</param>
/// <param name="Cut">Whether there is more than is drawn.</param>
public sealed record LineageGraph(IReadOnlyList<DagNode> Nodes, IReadOnlyList<(string From, string To)> Edges, bool Cut);

/// <summary>Walks edges from an artifact, up to what it was made from or down to what was made of it; only committed attempts.</summary>
static class LineageQueries
{
    const int Most = 60;

    /// <summary>The graph around an artifact. A shared artifact is followed to the attempt that made it first.</summary>
    public static LineageGraph Around(LedgerConnection db, string artifact, bool up)
    {
        var nodes = new Dictionary<string, DagNode>(StringComparer.Ordinal);
        var edges = new List<(string, string)>();
        var open = new Queue<string>([artifact]);
        Add(db, nodes, artifact, here: true);
        while (open.TryDequeue(out var id) && nodes.Count < Most)
        {
            foreach (var (attempt, run, node) in Attempts(db, id, up))
            {
                var key = "t:" + attempt;
                if (nodes.TryAdd(key, new DagNode(key, node, Format.Short(run), "stage", Format.NodeAddress(run, node))))
                {
                    foreach (var next in db.Query("SELECT DISTINCT artifact_id FROM edge WHERE attempt_id=?1 AND dir=?2 ORDER BY slot, ordinal LIMIT 20", r => r.Text(0), attempt, up ? "in" : "out"))
                    {
                        edges.Add(up ? (next, key) : (key, next));
                        if (Add(db, nodes, next, here: false))
                        {
                            open.Enqueue(next);
                        }
                    }
                }

                edges.Add(up ? (key, id) : (id, key));
            }
        }

        return new LineageGraph([.. nodes.Values], edges, open.Count > 0);
    }

    static List<(string Attempt, string Run, string Node)> Attempts(LedgerConnection db, string artifact, bool up) => db.Query("""
        SELECT t.attempt_id, t.run_id, t.node_id FROM edge e JOIN attempt t USING(attempt_id) WHERE e.artifact_id=?1 AND e.dir=?2 AND t.state='committed' GROUP BY t.attempt_id ORDER BY t.started_us LIMIT ?3
        """, r => (r.Text(0), r.Text(1), r.Text(2)), artifact, up ? "out" : "in", up ? 1 : 12);

    static bool Add(LedgerConnection db, Dictionary<string, DagNode> nodes, string id, bool here) =>
        !nodes.ContainsKey(id) && nodes.TryAdd(id, new DagNode(id, db.Text("SELECT kind FROM artifact WHERE artifact_id=?1", id) ?? "artifact", id[..Math.Min(10, id.Length)],
            here ? "artifact here" : "artifact", $"/artifacts/{Uri.EscapeDataString(id)}"));
}
