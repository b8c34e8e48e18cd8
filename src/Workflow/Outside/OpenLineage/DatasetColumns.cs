using System.Text.Json.Nodes;
using DataPrep.Tables;
using Trainer.Evaluation;

namespace Workflow.Outside.OpenLineage;

/// <summary>Columns of the kinds of artifacts that are tables, and where the columns come from: what docs/artifacts.md describes.</summary>
static class DatasetColumns
{
    static readonly Dictionary<string, TableSchema> Schemas = new(StringComparer.Ordinal)
    {
        ["documents"] = RowTables.Documents.Schema,
        ["rejects"] = RowTables.Rejects.Schema,
        ["duplicates"] = RowTables.Duplicates.Schema,
        ["pairs"] = RowTables.Pairs.Schema,
        ["mined"] = RowTables.Negatives.Schema,
        ["shards"] = RowTables.TrainingRows.Schema,
        ["embeddings"] = RowTables.Embeddings.Schema,
        ["scores"] = RetrievalFiles.PerQuerySchema,
    };

    /// <summary>By kind of stage and output slot: column, input slot, its column, and whether the value is the same.</summary>
    static readonly Dictionary<(string Uses, string Slot), (string Column, string InSlot, string InColumn, bool Same)[]> Sources = new()
    {
        [("pairs", "pairs")] =
        [
            ("doc_id", "documents", "doc_id", true), ("query", "documents", "title", false), ("query", "documents", "content", false), ("passage", "documents", "content", false),
            ("split", "documents", "group", false),
        ],
        [("mine", "mined")] =
        [
            ("query_id", "pairs", "query_id", true), ("positive_doc_id", "pairs", "doc_id", true), ("negative_doc_id", "documents", "doc_id", true),
            ("score", "pairs", "query", false), ("score", "documents", "title", false), ("score", "documents", "content", false),
            ("positive_score", "pairs", "query", false), ("positive_score", "documents", "title", false), ("positive_score", "documents", "content", false),
        ],
        [("shard", "shards")] =
        [
            ("query_id", "pairs", "query_id", true), ("query", "pairs", "query", true), ("doc_id", "pairs", "doc_id", true), ("positive", "pairs", "passage", true), ("generator", "pairs", "generator", true),
            ("source", "documents", "source", true), ("source_row", "documents", "source_row", true), ("miner", "mined", "miner", true), ("guide", "mined", "guide", true),
        ],
        [("encode", "embeddings")] = [("id", "documents", "doc_id", true), ("text_hash", "documents", "title", false), ("text_hash", "documents", "content", false), ("vector", "documents", "title", false), ("vector", "documents", "content", false)],
        [("evaluate", "scores")] = [("query_id", "pairs", "query_id", true)],
    };

    /// <summary>The columns of a kind as a schema facet lists them; null where it is no table.</summary>
    public static JsonArray? Schema(string kind) => Schemas.TryGetValue(kind, out var schema)
        ? new JsonArray([.. schema.Columns.Select((c, i) => (JsonNode)new JsonObject { ["name"] = c.Name, ["type"] = c.Type.ToString().ToLowerInvariant(), ["ordinal_position"] = i + 1 })])
        : null;

    /// <summary>Where the columns of an output come from; null where nothing is known.</summary>
    /// <param name="ns">Namespace of the datasets.</param>
    /// <param name="uses">Kind of stage.</param>
    /// <param name="slot">Output slot.</param>
    /// <param name="datasets">Name of the dataset read by each input slot.</param>
    public static JsonObject? Lineage(string ns, string uses, string slot, IReadOnlyDictionary<string, string> datasets)
    {
        if (!Sources.TryGetValue((uses, slot), out var sources))
        {
            return null;
        }

        var fields = new JsonObject();
        foreach (var column in sources.Where(s => datasets.ContainsKey(s.InSlot)).GroupBy(s => s.Column))
        {
            fields[column.Key] = new JsonObject
            {
                ["inputFields"] = new JsonArray([.. column.Select(s => (JsonNode)new JsonObject
                {
                    ["namespace"] = ns,
                    ["name"] = datasets[s.InSlot],
                    ["field"] = s.InColumn,
                    ["transformations"] = new JsonArray(new JsonObject { ["type"] = "DIRECT", ["subtype"] = s.Same ? "IDENTITY" : "TRANSFORMATION" }),
                })]),
            };
        }

        return fields.Count == 0 ? null : new JsonObject { ["fields"] = fields };
    }
}
