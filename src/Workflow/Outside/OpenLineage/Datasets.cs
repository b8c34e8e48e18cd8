using System.Text.Json;
using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Outside.OpenLineage;

/// <summary>
/// Datasets of an attempt. A dataset is an output slot of a stage of a job, <c>job.stage.slot</c>, its versions are artifacts; what partitions make is the dataset <c>job.stage.partition.slot</c>, each writing its part.
/// Files from outside are datasets of the namespace <c>file</c>.
/// </summary>
sealed class Datasets(string ns)
{
    /// <summary>Files listed one by one; more of them are told by folder.</summary>
    const int MostFiles = 64;

    /// <summary>Name of a job's stage; its partitions are a job of their own.</summary>
    public static string Job(string pipeline, string stage, string kind) => kind == "partition" ? $"{pipeline}.{stage}.partition" : $"{pipeline}.{stage}";

    /// <summary>What an attempt made.</summary>
    /// <param name="pipeline">The job of the run it counts for.</param>
    /// <param name="node">Its node.</param>
    /// <param name="outputs">The artifacts by slot.</param>
    /// <param name="read">Datasets it read, by input slot: where columns come from.</param>
    public JsonArray Outputs(string pipeline, AttemptFacts node, IReadOnlyList<(string Slot, ArtifactFacts Artifact)> outputs, IReadOnlyDictionary<string, string> read)
    {
        var list = new JsonArray();
        foreach (var (slot, artifact) in outputs)
        {
            var dataset = Dataset($"{Job(pipeline, node.Stage, node.Kind)}.{slot}", [artifact]);
            var facets = new JsonObject { ["outputStatistics"] = Facets.Standard("OutputStatisticsOutputDatasetFacet", Statistics([artifact])) };
            if (node.Kind == "partition")
            {
                facets["subset"] = Facets.Subset(output: true, Partitions([node.PartitionKey]));
            }

            if (node.Kind != "partition" && DatasetColumns.Lineage(ns, node.Uses, slot, read) is { } columns)
            {
                dataset["facets"]!["columnLineage"] = Facets.Standard("ColumnLineageDatasetFacet", columns);
            }

            dataset["outputFacets"] = facets;
            list.Add((JsonNode)dataset);
        }

        return list;
    }

    /// <summary>What an attempt reads: artifacts under the names they have in its run, then files from outside.</summary>
    /// <param name="db">The ledger.</param>
    /// <param name="run">The run.</param>
    /// <param name="nodeId">The node.</param>
    /// <param name="node">What is known of it.</param>
    /// <returns>The datasets, and the name of the one that each input slot reads, as far as known.</returns>
    public (JsonArray List, IReadOnlyDictionary<string, string> BySlot) Inputs(LedgerConnection db, RunFacts run, string nodeId, AttemptFacts node)
    {
        var upstream = LineageFactQueries.Upstream(db, run.RunId, nodeId);
        var edges = node.AttemptId is null ? [] : LineageFactQueries.Edges(db, node.AttemptId, "in");
        var read = edges.ConvertAll(e => e.Artifact);
        if (read.Count == 0 && node.KeyJson is not null)
        {
            // Not committed: what it was claimed for.
            var wanted = LineageFactQueries.KeyInputs(node.KeyJson);
            read = [.. upstream.Where(u => wanted.Contains(u.Artifact.Logical)).Select(u => u.Artifact)];
        }

        var names = upstream.ToLookup(u => u.Artifact.Id, u => (Name: $"{Job(run.Job, u.Stage, u.Kind)}.{u.Slot}", u.Kind, Key: u.PartitionKey), StringComparer.Ordinal);
        var groups = new Dictionary<string, (List<ArtifactFacts> Artifacts, List<string> Keys)>(StringComparer.Ordinal);
        foreach (var artifact in read.DistinctBy(a => a.Id))
        {
            var known = names[artifact.Id].ToList();
            foreach (var (name, kind, key) in known.Count > 0 ? known : [Elsewhere(db, artifact)])
            {
                if (!groups.TryGetValue(name, out var group))
                {
                    groups.Add(name, group = ([], []));
                }

                group.Artifacts.Add(artifact);
                if (kind == "partition")
                {
                    group.Keys.Add(key);
                }
            }
        }

        var list = new JsonArray();
        foreach (var (name, (artifacts, keys)) in groups)
        {
            var dataset = Dataset(name, artifacts);
            var facets = new JsonObject { ["inputStatistics"] = Facets.Standard("InputStatisticsInputDatasetFacet", Statistics(artifacts)) };
            if (keys.Count is > 0 and <= MostFiles)
            {
                facets["subset"] = Facets.Subset(output: false, Partitions(keys));
            }

            dataset["inputFacets"] = facets;
            list.Add((JsonNode)dataset);
        }

        foreach (var file in Files(node.PlanJson))
        {
            list.Add((JsonNode)file);
        }

        var bySlot = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (slot, artifact) in edges)
        {
            if (names[artifact.Id].FirstOrDefault() is { Name: not null } first)
            {
                bySlot.TryAdd(slot, first.Name);
            }
        }

        return (list, bySlot);
    }

    JsonObject Dataset(string name, IReadOnlyList<ArtifactFacts> artifacts)
    {
        var facets = new JsonObject { ["version"] = Version(artifacts.Count == 1 ? artifacts[0].Id : CanonicalJson.Hash(string.Join('\n', artifacts.Select(a => a.Id)))) };
        if (artifacts[0].File is { } file && Path.GetExtension(file) is { Length: > 1 } ending)
        {
            facets["storage"] = Facets.Standard("StorageDatasetFacet", new JsonObject { ["storageLayer"] = "workflow", ["fileFormat"] = ending[1..] });
        }

        if (DatasetColumns.Schema(artifacts[0].Kind) is { } fields)
        {
            facets["schema"] = Facets.Standard("SchemaDatasetFacet", new JsonObject { ["fields"] = fields });
        }

        return new JsonObject { ["namespace"] = ns, ["name"] = name, ["facets"] = facets };
    }

    static (string Name, string Kind, string Key) Elsewhere(LedgerConnection db, ArtifactFacts artifact) => LineageFactQueries.Producer(db, artifact.Id) is { } made
        ? ($"{Job(made.Job, made.Stage, made.Kind)}.{made.Slot}", made.Kind, made.PartitionKey)
        : ($"artifact.{artifact.Id}", "single", "");

    static JsonObject Version(string version) => Facets.Standard("DatasetVersionDatasetFacet", new JsonObject { ["datasetVersion"] = version });

    static JsonObject Statistics(IReadOnlyList<ArtifactFacts> artifacts)
    {
        var body = new JsonObject();
        if (artifacts.All(a => a.Rows is not null))
        {
            body["rowCount"] = artifacts.Sum(a => a.Rows!.Value);
        }

        body["size"] = artifacts.Sum(a => a.Size);
        body["fileCount"] = artifacts.Sum(a => a.Files);
        return body;
    }

    static JsonObject Partitions(IReadOnlyList<string> keys) => new()
    {
        ["type"] = "partition",
        ["partitions"] = new JsonArray([.. keys.Select(k => (JsonNode)new JsonObject { ["identifier"] = k, ["dimensions"] = new JsonObject { ["partition"] = k } })]),
    };

    static IEnumerable<JsonObject> Files(string? planJson)
    {
        if (planJson is null)
        {
            yield break;
        }

        using var plan = JsonDocument.Parse(planJson);
        if (!plan.RootElement.TryGetProperty("Files", out var files) || files.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        var named = files.EnumerateArray().Select(f => (Path: f.GetProperty("Path").GetString()!, Hash: f.GetProperty("Hash").GetString()!)).DistinctBy(f => f.Path).ToList();
        var told = named.Count <= MostFiles ? named : [.. named.GroupBy(f => Path.GetDirectoryName(f.Path) ?? "/", (folder, all) => (folder, CanonicalJson.Hash(string.Join('\n', all.Select(f => $"{f.Path} {f.Hash}")))))];
        foreach (var (path, hash) in told)
        {
            yield return new JsonObject { ["namespace"] = "file", ["name"] = path, ["facets"] = new JsonObject { ["version"] = Version(hash) } };
        }
    }
}
