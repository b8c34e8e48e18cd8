using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>Walks from an artifact stage by stage, in bounded reads: however many attempts read an artifact or made a stage's partitions, few rows are looked at, and what is left out is told.</summary>
sealed class FoldedWalk
{
    /// <summary>Attempts of an artifact that are looked at.</summary>
    const int Scanned = 1000;

    /// <summary>Stages shown that read an artifact.</summary>
    const int Readers = 8;

    /// <summary>Artifacts shown of a stage, in each direction.</summary>
    const int Slots = 24;

    readonly LedgerConnection db;
    readonly LineageQuestion question;
    readonly FoldedStages stages;
    readonly Dictionary<string, FoldedVertex> vertices = new(StringComparer.Ordinal);
    readonly HashSet<LineageEdge> edges = [];
    readonly List<LineageCut> cuts = [];

    FoldedWalk(LedgerConnection db, LineageQuestion question) => (this.db, this.question, stages) = (db, question, new FoldedStages(db));

    /// <summary>The graph, or null where there is no such artifact.</summary>
    public static FoldedLineage? Walk(LedgerConnection db, LineageQuestion question)
    {
        var walk = new FoldedWalk(db, question);
        if (!walk.Artifact(question.Artifact, 0))
        {
            return null;
        }

        if (question.Up)
        {
            walk.Go(up: true);
        }

        if (question.Down)
        {
            walk.Go(up: false);
        }

        return new FoldedLineage(question, [.. walk.vertices.Values.OrderBy(v => v.Distance)], [.. walk.edges], walk.cuts);
    }

    /// <summary>Whether a run has the results of an attempt: its own, or reused.</summary>
    const string Used = "(?4 IS NULL OR t.run_id=?4 OR EXISTS(SELECT 1 FROM node_reuse u WHERE u.attempt_id=t.attempt_id AND u.run_id=?4))";

    void Go(bool up)
    {
        var open = new Queue<(string Artifact, int Steps)>([(question.Artifact, 0)]);
        var gone = new HashSet<string>(StringComparer.Ordinal) { question.Artifact };
        while (open.TryDequeue(out var at))
        {
            var attempts = Attempts(at.Artifact, up);
            if (attempts.Count > 0 && (at.Steps >= question.Depth || vertices.Count >= question.Most))
            {
                Deeper(at.Artifact, at.Steps >= question.Depth, up);
                continue;
            }

            foreach (var stage in stages.Fold(attempts, up).Take(up && question.Run is null ? 1 : Readers))
            {
                foreach (var next in Step(at.Artifact, stage, up ? -at.Steps - 1 : at.Steps + 1, up).Where(gone.Add))
                {
                    open.Enqueue((next, at.Steps + 1));
                }
            }
        }
    }

    List<FoldedAttempt> Attempts(string artifact, bool up)
    {
        var found = db.Query($"""
            SELECT t.attempt_id, t.run_id, t.node_id, n.kind, n.stage, e.slot
            FROM (SELECT attempt_id, slot FROM edge WHERE artifact_id=?1 AND dir=?2 ORDER BY attempt_id {(up ? "" : "DESC")} LIMIT ?3) e
            CROSS JOIN attempt t ON t.attempt_id=e.attempt_id CROSS JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id WHERE t.state='committed' AND {Used}
            """, r => new FoldedAttempt(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5)), artifact, up ? "out" : "in", Scanned, question.Run);
        if (!up && (found.Count == Scanned || stages.Fold(found, up).Count > Readers))
        {
            cuts.Add(new LineageCut($"{Name(artifact)} was read by more than is drawn: the {Readers} newest stages are.", artifact, up));
        }

        return found;
    }

    IEnumerable<string> Step(string artifact, FoldedStage stage, int distance, bool up)
    {
        var id = $"stage:{stage.Id}";
        var known = vertices.ContainsKey(id);
        vertices.TryAdd(id, new FoldedVertex(id, "stage", stage.Name, distance) { RunId = stage.RunId, NodeId = stage.NodeId, Parts = stage.Parts });
        edges.Add(up ? new LineageEdge(id, $"artifact:{artifact}", stage.Slot) : new LineageEdge($"artifact:{artifact}", id, stage.Slot));
        if (known)
        {
            return [];
        }

        var slots = up ? stages.Inputs(stage, Slots + 1) : stages.Outputs(stage, Slots + 1);
        if (slots.Count > Slots)
        {
            cuts.Add(new LineageCut($"{stage.Name} {(up ? "read" : "made")} more artifacts than the {Slots} drawn.", null, up));
        }

        var next = new List<string>();
        foreach (var (slot, other) in slots.Take(Slots))
        {
            if (other == artifact || !Artifact(other, distance))
            {
                continue;
            }

            edges.Add(up ? new LineageEdge($"artifact:{other}", id, slot) : new LineageEdge(id, $"artifact:{other}", slot));
            next.Add(other);
        }

        if (up)
        {
            Files(stage, id, distance);
        }

        return next;
    }

    void Files(FoldedStage stage, string id, int distance)
    {
        const int named = 3;
        var (files, more) = stages.Files(stage);
        var shown = files.Count > named + 1 || more ? [$"{files.Count}{(more ? "+" : "")} files"] : files;
        foreach (var name in shown)
        {
            var file = $"file:{(files.Count == shown.Count ? name : id + name)}";
            vertices.TryAdd(file, new FoldedVertex(file, "file", name, distance) { Parts = shown.Count == files.Count ? 1 : files.Count, RunId = stage.RunId, NodeId = stage.NodeId });
            edges.Add(new LineageEdge(file, id, "file"));
        }
    }

    void Deeper(string artifact, bool depth, bool up) => cuts.Add(new LineageCut(
        $"{Name(artifact)} {(up ? "was itself made from more" : "was itself used further")}; {(depth ? $"{question.Depth} {(question.Depth == 1 ? "stage" : "stages")} from the start are drawn" : $"{question.Most} boxes are drawn")}.", artifact, up));

    string Name(string artifact) => $"{vertices[$"artifact:{artifact}"].Name} {artifact[..Math.Min(10, artifact.Length)]}";

    bool Artifact(string artifact, int distance)
    {
        var id = $"artifact:{artifact}";
        if (vertices.ContainsKey(id))
        {
            return true;
        }

        var found = db.First("SELECT kind, rows, size FROM artifact WHERE artifact_id=?1",
            r => new FoldedVertex(id, "artifact", r.Text(0), distance) { ArtifactId = artifact, Rows = r.NumberOrNull(1), Size = r.Number(2) }, artifact);
        return found is not null && vertices.TryAdd(id, found);
    }
}
