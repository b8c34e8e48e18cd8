using System.Text.Json.Nodes;

namespace Workflow.Outside.OpenLineage;

/// <summary>Facets with their producer and schema, as OpenLineage 2-0-2 asks.</summary>
static class Facets
{
    /// <summary>The schema of an event.</summary>
    public const string RunEvent = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";

    /// <summary>Who says it.</summary>
    public static string Producer { get; } = $"urn:workflow:producer:{ProgramVersion.Text}";

    /// <summary>Versions of the published facets this program writes.</summary>
    static readonly Dictionary<string, string> Published = new(StringComparer.Ordinal)
    {
        ["ParentRunFacet"] = "1-2-0",
        ["NominalTimeRunFacet"] = "1-0-1",
        ["ErrorMessageRunFacet"] = "1-0-1",
        ["ProcessingEngineRunFacet"] = "1-1-1",
        ["ExecutionParametersRunFacet"] = "1-0-0",
        ["TagsRunFacet"] = "1-0-0",
        ["JobTypeJobFacet"] = "2-0-4",
        ["DocumentationJobFacet"] = "1-1-0",
        ["DatasetVersionDatasetFacet"] = "1-0-1",
        ["SchemaDatasetFacet"] = "1-2-0",
        ["StorageDatasetFacet"] = "1-0-1",
        ["ColumnLineageDatasetFacet"] = "1-2-0",
        ["OutputStatisticsOutputDatasetFacet"] = "1-0-2",
        ["InputStatisticsInputDatasetFacet"] = "1-0-0",
    };

    /// <summary>A published facet.</summary>
    public static JsonObject Standard(string name, JsonObject body) => With($"https://openlineage.io/spec/facets/{Published[name]}/{name}.json#/$defs/{name}", body);

    /// <summary>The part of a dataset that was written or read.</summary>
    public static JsonObject Subset(bool output, JsonObject condition) => With(
        $"https://openlineage.io/spec/facets/1-0-0/BaseSubsetDatasetFacet.json#/$defs/{(output ? "OutputSubsetOutputDatasetFacet" : "InputSubsetInputDatasetFacet")}",
        new JsonObject { [output ? "outputCondition" : "inputCondition"] = condition });

    /// <summary>A facet of this program, described in docs/outside.md.</summary>
    public static JsonObject Own(string name, JsonObject body) => With($"urn:workflow:openlineage:1-0-0#/$defs/{name}", body);

    static JsonObject With(string schema, JsonObject body)
    {
        body.Insert(0, "_producer", Producer);
        body.Insert(1, "_schemaURL", schema);
        return body;
    }
}
