using System.Text.Json;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Lineage;

public sealed class LineageTests : IDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();

    public void Dispose()
    {
        home.Dispose();
        corpus.Dispose();
    }

    [Fact]
    public async Task Up_ReachesTheFilesOutside_AndDownTheModel()
    {
        var run = await RunAsync();
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        var model = ledger.ResolveArtifact("train.model");
        var up = ledger.Up(model);
        Assert.Equal(["in/a.txt", "in/b.txt", "in/c.txt"], up.Vertices.Where(v => v.Type == "file").Select(v => v.Label));
        Assert.Equal(["read", "read/a", "read/b", "read/c", "sort", "train"], up.Vertices.Where(v => v.Type == "attempt").Select(v => v.Label.Split(' ')[0]).Order(StringComparer.Ordinal));

        var down = ledger.Down(ledger.ResolveArtifact($"{run}/read/b.rows"));
        Assert.Contains(down.Vertices, v => v.Id == $"artifact:{model}");
        Assert.DoesNotContain(down.Vertices, v => v.Label.StartsWith("read/a", StringComparison.Ordinal));
        Assert.Equal(model, ledger.ResolveArtifact(model[..10]));
    }

    [Fact]
    public async Task Text_ShowsTheSameGraphInEveryForm()
    {
        await RunAsync();
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        var graph = ledger.Up(ledger.ResolveArtifact("train.model"));
        var tree = LineageText.Tree(graph);
        Assert.All(graph.Vertices, v => Assert.Contains(v.Label, tree, StringComparison.Ordinal));
        using var json = JsonDocument.Parse(LineageText.ToJson(graph));
        Assert.Equal(graph.Edges.Count, json.RootElement.GetProperty("edges").GetArrayLength());
        var dot = LineageText.ToDot(graph);
        Assert.Equal(graph.Edges.Count, dot.Split(" -> ").Length - 1);
    }

    [Fact]
    public async Task Resolve_NamesWhatThereIs_WhenTheReferenceFitsNothing()
    {
        await RunAsync();
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        var fault = Assert.Throws<WorkflowException>(() => ledger.ResolveArtifact("train.modell"));
        Assert.Contains("train.model", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, fault.ExitCode);
    }

    async Task<string> RunAsync() => (await new RunService(home.Paths, FaultHost.Settings.Options())
        .RunAsync(Corpus.Pipeline(corpus.Root).Spec(), new RunRequest("test"), SilentObserver.Instance, TestContext.Current.CancellationToken)).RunId;
}
