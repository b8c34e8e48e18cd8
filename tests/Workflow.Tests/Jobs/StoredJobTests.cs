using System.Text.Json;
using Workflow.Jobs;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Jobs;

public sealed class StoredJobTests : IDisposable
{
    readonly JobFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Stored_PlansTheSameJob_WhenReadAgain()
    {
        using var elsewhere = new JobFolder();
        var spec = folder.Read(
            JobFolder.Good + """

                  again: { uses: train, from: { pairs: pairs, initial: train }, with: { prompt: "${ not a parameter", weights: { b: 0.1, a: 1e-9 }, phases: [ { shape: linear } ] } }
                  compare: { uses: compare, from: { models: [train, again] } }
                """.Replace("${ ", "$${ ").Replace("      ", "  "),
            $"corpus={elsewhere.Root}/x.jsonl", "stages.train.with.warm=1500ms").Require();

        var again = JobFileReader.FromStored(spec.Json, SampleStage.Table);

        Assert.Equal(spec.Json, again.Json);
        Assert.Equal((spec.Name, spec.Seed, spec.Threads, spec.Root), (again.Name, again.Seed, again.Threads, again.Root));
        Assert.Equal(spec.Stages.Select(s => (s.Name, s.SemanticJson, s.OperationalJson, s.MaxTries, s.Timeout)), again.Stages.Select(s => (s.Name, s.SemanticJson, s.OperationalJson, s.MaxTries, s.Timeout)));
        Assert.Equal(spec.Stages.SelectMany(s => s.From.SelectMany(f => f.Value)), again.Stages.SelectMany(s => s.From.SelectMany(f => f.Value)));
        Assert.Equal("${ not a parameter", ((SampleOptions)again.Stages[3].Options).Prompt);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), ((SampleOptions)again.Stages[2].Options).Warm);
    }

    [Fact]
    public void Options_SplitIntoSemanticAndOperational_InSortedKeys()
    {
        var options = new SampleOptions { Prompt = "a \"b\" ü", Corpus = "x", Weights = new Dictionary<string, double> { ["b"] = 0.1, ["a"] = -0.0 }, Phases = [new Schedule("x") { Print = 3 }] };

        Assert.Equal(
            """{"dimensions":[64,128],"epochs":1,"flavour":"in_batch","limit":9223372036854775807,"optimizer":"adamw","phases":[{"final":0,"shape":"x","warm_up":0.1}],"prompt":"a \"b\" ü","rate":0.001,"schedule":{"final":0.1,"shape":"cosine","warm_up":0.1},"shuffle":true,"temperature":0.05,"warm":"1m","weights":{"a":0,"b":0.1}}""",
            OptionsJson.Semantic(options));
        Assert.Equal("""{"corpus":"x","phases":[{"print":3}],"schedule":{"print":10},"workers":2}""", OptionsJson.Operational(options));
        Assert.Equal(JsonDocument.Parse(OptionsJson.All(options)).RootElement.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal), JsonDocument.Parse(OptionsJson.All(options)).RootElement.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Stored_SaysWhatIsGone_WhenAStageIsNoLongerKnown()
    {
        var json = folder.Read(JobFolder.Good).Require().Json;

        var fault = Assert.Throws<WorkflowException>(() => JobFileReader.FromStored(json, new StageTable([])));

        Assert.Contains("stages.train.uses: unknown stage kind 'train'", fault.Message);
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d1s", 172_801_000)]
    [InlineData("00:01:00", 60_000)]
    public void Duration_ReadsAndWrites(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
        Assert.True(Durations.TryParse(Durations.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("5 m")]
    [InlineData("-5m")]
    [InlineData("999999999d")]
    public void Duration_IsRefused_WhenItIsNone(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("MaxTries", "max_tries")]
    [InlineData("K1", "k1")]
    [InlineData("BM25Guide", "bm25_guide")]
    [InlineData("Ndcg10", "ndcg10")]
    [InlineData("MultiHTMLPage", "multi_html_page")]
    public void Name_IsSnakeCase(string name, string expected) => Assert.Equal(expected, Names.Snake(name));
}
