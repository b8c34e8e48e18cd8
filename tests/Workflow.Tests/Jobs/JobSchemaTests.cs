using System.Text.Json.Nodes;
using Workflow.Jobs;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class JobSchemaTests
{
    [Fact]
    public void SchemaFile_IsFresh()
    {
        Assert.True(JobSchema.Generate(StageTable.Default) == File.ReadAllText(Path.Combine(RepositoryFiles.Root, "jobs", "schema.json")), "jobs/schema.json is stale: regenerate it with ./run schema --output jobs/schema.json.");
    }

    [Fact]
    public void Schema_DescribesOptions_FromTheRecord()
    {
        var definitions = JsonNode.Parse(JobSchema.Generate(SampleStage.Table))!["$defs"]!;
        var train = definitions["train"]!["properties"]!;
        var options = train["with"]!["properties"]!;

        Assert.Equal("""{"anyOf":[{"type":"number","exclusiveMinimum":0,"maximum":1},{"$ref":"#/$defs/parameter"}],"description":"Divides the Cos of two texts.","default":0.05}""", options["temperature"]!.ToJsonString());
        Assert.Equal("Share of the steps.", (string?)Behind(options["schedule"]!)["properties"]!["warm_up"]!["description"]);
        Assert.Equal("""["pairs"]""", train["from"]!["required"]!.ToJsonString());
        Assert.Equal("""["in_batch","hard_negatives"]""", options["flavour"]!["anyOf"]![0]!["enum"]!.ToJsonString());
        Assert.Equal("""["shape"]""", Behind(options["phases"]!["items"]!)["required"]!.ToJsonString());
        Assert.Equal("null", (string?)options["prompt"]!["anyOf"]![1]!["type"]);

        JsonNode Behind(JsonNode reference) => definitions[((string)reference["$ref"]!).Split('/')[^1]]!;
    }
}
