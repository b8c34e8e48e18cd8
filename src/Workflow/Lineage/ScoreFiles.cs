using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>Scores of a run's last evaluation.</summary>
/// <param name="Values">Mean by system and metric.</param>
/// <param name="PerQuery">Path of the table of values per query, or null.</param>
sealed record ScoreFiles(Dictionary<(string Group, string Name), double> Values, string? PerQuery)
{
    const long LongestFile = 4 << 20;

    /// <summary>Tables of more rows are not compared query by query.</summary>
    const long MostRows = 300_000;

    /// <summary>Reads them; empty where the run has none, or its file is gone.</summary>
    public static ScoreFiles Of(LedgerConnection db, HomePaths paths, DiffSide side)
    {
        var artifact = side.Data.Where(d => d.Key.Direction == "out").Select(d => d.Value.ArtifactId).LastOrDefault(id => db.Text("SELECT kind FROM artifact WHERE artifact_id=?1", id) == "scores");
        if (artifact is null)
        {
            return new ScoreFiles([], null);
        }

        var members = db.Query("SELECT name, blob_hash, rows FROM artifact_member WHERE artifact_id=?1 ORDER BY ordinal LIMIT 50", r => (Name: r.Text(0), Path: paths.Blob(r.Text(1)), Rows: r.NumberOrNull(2)), artifact);
        var table = members.Find(m => m.Name == Trainer.Evaluation.RetrievalFiles.PerQueryFile && m.Rows <= MostRows && File.Exists(m.Path));
        return new ScoreFiles(Read(members.Find(m => m.Name == Trainer.Evaluation.RetrievalFiles.ScoresFile).Path), table.Path);
    }

    static Dictionary<(string, string), double> Read(string? path)
    {
        var values = new Dictionary<(string, string), double>();
        var file = path is null ? null : new FileInfo(path);
        if (file is not { Exists: true, Length: <= LongestFile })
        {
            return values;
        }

        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            foreach (var system in json.RootElement.GetProperty("systems").EnumerateObject())
            {
                foreach (var metric in system.Value.EnumerateObject())
                {
                    values[(system.Name, metric.Name)] = metric.Value.GetDouble();
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or IOException)
        {
            // A damaged file has no scores; verify tells of it.
        }

        return values;
    }
}
