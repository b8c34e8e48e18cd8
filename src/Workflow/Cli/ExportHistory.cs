using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Evaluation;
using Trainer.Export;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Stages;

namespace Workflow.Cli;

/// <summary>What the ledger tells of a model's making, for its card: hashes of what it was made from, its training's options, its scores. No run, time or path.</summary>
static class ExportHistory
{
    static readonly string[] DataKinds = ["documents", "pairs", "shards"];
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Everything known of a committed model.</summary>
    public static ModelCardSources Of(LedgerDb ledger, HomePaths paths, string modelId)
    {
        var graph = ledger.Up(modelId);
        var partial = graph.Vertices.Where(v => v.Type == "attempt" && v.Label.Split(' ')[0].Contains('/', StringComparison.Ordinal)).Select(v => v.Id).ToHashSet(StringComparer.Ordinal);
        var whole = graph.Edges.Where(e => e.From.StartsWith("attempt:", StringComparison.Ordinal) && !partial.Contains(e.From)).Select(e => e.To).ToHashSet(StringComparer.Ordinal);
        var artifacts = graph.Vertices.Where(v => v.Type == "artifact" && whole.Contains(v.Id)).Select(v => Card(paths, v)).Where(a => a.Id != modelId).ToList();
        return new ModelCardSources
        {
            ModelId = modelId,
            Data = [.. artifacts.Where(a => DataKinds.Contains(a.Kind))],
            Lineage = artifacts,
            Files = [.. graph.Vertices.Where(v => v.Type == "file").Select(v => v.Label).Order(StringComparer.Ordinal)],
            Scores = Scores(ledger, paths, modelId),
            TrainingOptions = Options(ledger, modelId),
        };
    }

    static CardArtifact Card(HomePaths paths, LineageVertex vertex)
    {
        var id = vertex.Id["artifact:".Length..];
        return new CardArtifact(vertex.Label.Split(' ')[0], id, File.Exists(paths.Blob(id)) ? ExportStage.Rows(ArtifactFiles.ManifestOf(paths, id)) : "");
    }

    /// <summary>The scores of the evaluation that read the model itself.</summary>
    static CardScores? Scores(LedgerDb ledger, HomePaths paths, string modelId)
    {
        var found = ledger.Read(db => db.Query("""
            SELECT DISTINCT o.artifact_id FROM edge i JOIN attempt t USING(attempt_id) JOIN edge o USING(attempt_id) JOIN artifact a ON a.artifact_id=o.artifact_id
            WHERE i.artifact_id=?1 AND i.dir='in' AND i.slot='model' AND o.dir='out' AND a.kind='scores' AND t.state='committed' ORDER BY o.artifact_id
            """, r => r.Text(0), modelId));
        return found.Select(id => (Id: id, Path: ArtifactFiles.PathOf(paths, id, RetrievalFiles.ScoresFile))).FirstOrDefault(f => File.Exists(f.Path)) is (var id, { } path) ? CardScores.Read(path, id) : null;
    }

    static string? Options(LedgerDb ledger, string modelId)
    {
        var json = ledger.Read(db => db.Text("""
            SELECT p.semantic_json FROM edge e JOIN attempt t USING(attempt_id) JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id JOIN param_set p USING(param_id)
            WHERE e.artifact_id=?1 AND e.dir='out' AND t.state='committed' ORDER BY p.param_id LIMIT 1
            """, modelId));
        return json is null ? null : JsonNode.Parse(json)!.ToJsonString(Indented);
    }
}
