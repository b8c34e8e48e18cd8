using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>Walks the edges of attempts: lineage as of the attempts that count, not of what is newest.</summary>
public static class LineageQueries
{
    /// <summary>
    /// The artifact a person means: a hash or its unique beginning, <c>RUN/STAGE.SLOT</c>, <c>RUN/STAGE</c> with one output, or <c>STAGE.SLOT</c> of the newest run; RUN as in <see cref="RunQueries.ResolveRun"/>.
    /// </summary>
    /// <exception cref="WorkflowException">None or several.</exception>
    public static string ResolveArtifact(this LedgerDb ledger, string reference)
    {
        if (reference.Length >= 6 && reference.All(char.IsAsciiHexDigitLower))
        {
            var found = ledger.Read(db => db.Query("SELECT artifact_id FROM artifact WHERE artifact_id>=?1 AND artifact_id<?1||'g' LIMIT 6", r => r.Text(0), reference));
            if (found.Count == 1)
            {
                return found[0];
            }

            if (found.Count > 1)
            {
                throw new WorkflowException($"'{reference}' begins several artifacts: {string.Join(", ", found.Select(f => f[..16]))}. Give more of the hash.", exitCode: 2);
            }
        }

        var slash = reference.IndexOf('/');
        var run = ledger.ResolveRun(slash < 0 ? "last" : reference[..slash]);
        var outputs = ledger.Detail(run).Outputs;
        var rest = reference[(slash + 1)..];
        var match = outputs.Where(o => $"{o.NodeId}.{o.Slot}" == rest || o.NodeId == rest).ToList();
        return match switch
        {
            [var one] => one.Artifact.Id,
            [] => throw new WorkflowException($"No artifact '{reference}'. Run {run} has: {string.Join(", ", outputs.Where(o => !o.NodeId.Contains('/')).Select(o => $"{o.NodeId}.{o.Slot}"))}.", exitCode: 2),
            _ => throw new WorkflowException($"'{reference}' has several outputs: {string.Join(", ", match.Select(o => $"{o.NodeId}.{o.Slot}"))}. Name one.", exitCode: 2),
        };
    }

    /// <summary>What an artifact was made from, back to the files outside.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="artifactId">The artifact.</param>
    /// <param name="most">The walk ends once it holds so many vertices.</param>
    public static LineageGraph Up(this LedgerDb ledger, string artifactId, int most = int.MaxValue) => Walk(ledger, artifactId, up: true, most);

    /// <summary>What was made from an artifact.</summary>
    /// <inheritdoc cref="Up"/>
    public static LineageGraph Down(this LedgerDb ledger, string artifactId, int most = int.MaxValue) => Walk(ledger, artifactId, up: false, most);

    static LineageGraph Walk(LedgerDb ledger, string start, bool up, int most) => ledger.Read(db =>
    {
        var vertices = new Dictionary<string, LineageVertex>(StringComparer.Ordinal);
        var edges = new HashSet<LineageEdge>();
        var (near, far) = up ? ("out", "in") : ("in", "out");
        var queue = new Queue<(string Artifact, int Depth)>();
        Visit(start, 0);
        while (vertices.Count < most && queue.TryDequeue(out var next))
        {
            // Shared bytes keep every producer; one attempt per distinct memo key is enough to tell how they came to be.
            foreach (var attempt in db.Query("""
                SELECT t.attempt_id, t.node_id, t.run_id, e.slot, n.plan_json FROM edge e JOIN attempt t USING(attempt_id) JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id
                WHERE e.artifact_id=?1 AND e.dir=?2 AND t.state='committed' ORDER BY t.started_us, t.attempt_id
                """, r => (Id: r.Text(0), Node: r.Text(1), Run: r.Text(2), Slot: r.Text(3), Plan: r.Text(4)), next.Artifact, near))
            {
                var vertex = $"attempt:{attempt.Id}";
                edges.Add(up ? new LineageEdge(vertex, $"artifact:{next.Artifact}", attempt.Slot) : new LineageEdge($"artifact:{next.Artifact}", vertex, attempt.Slot));
                if (!vertices.TryAdd(vertex, new LineageVertex(vertex, "attempt", $"{attempt.Node} (run {attempt.Run})", next.Depth + 1)))
                {
                    continue;
                }

                foreach (var (other, slot) in db.Query("SELECT artifact_id, slot FROM edge WHERE attempt_id=?1 AND dir=?2 ORDER BY slot, ordinal", r => (r.Text(0), r.Text(1)), attempt.Id, far))
                {
                    edges.Add(up ? new LineageEdge($"artifact:{other}", vertex, slot) : new LineageEdge(vertex, $"artifact:{other}", slot));
                    Visit(other, next.Depth + 2);
                }

                if (up)
                {
                    Files(attempt.Plan, vertex, next.Depth + 2);
                }
            }
        }

        return new LineageGraph(start, up ? "up" : "down", [.. vertices.Values.OrderBy(v => v.Depth).ThenBy(v => v.Label, StringComparer.Ordinal).ThenBy(v => v.Id, StringComparer.Ordinal)],
            [.. edges.OrderBy(e => e.From, StringComparer.Ordinal).ThenBy(e => e.To, StringComparer.Ordinal).ThenBy(e => e.Slot, StringComparer.Ordinal)]);

        void Visit(string artifact, int depth)
        {
            if (vertices.ContainsKey($"artifact:{artifact}"))
            {
                return;
            }

            var kind = db.Text("SELECT kind FROM artifact WHERE artifact_id=?1", artifact) ?? throw new WorkflowException($"No artifact '{artifact}' in this home.", exitCode: 2);
            vertices.Add($"artifact:{artifact}", new LineageVertex($"artifact:{artifact}", "artifact", $"{kind} {artifact[..12]}", depth));
            queue.Enqueue((artifact, depth));
        }

        void Files(string plan, string attempt, int depth)
        {
            using var document = JsonDocument.Parse(plan);
            if (!document.RootElement.TryGetProperty("Files", out var files))
            {
                return;
            }

            foreach (var file in files.EnumerateArray())
            {
                var name = file.GetProperty("Name").GetString()!;
                vertices.TryAdd($"file:{name}", new LineageVertex($"file:{name}", "file", name, depth));
                edges.Add(new LineageEdge($"file:{name}", attempt, "file"));
            }
        }
    });
}
