using DataPrep;
using DataPrep.Mining;
using DataPrep.Tables;
using TorchSharp;
using Workflow.Artifacts;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>The mine stage goes on from its last run's candidates; its artifacts are the same bytes without.</summary>
public sealed class MineTakesOverTests : IDisposable
{
    const int Width = 6;
    readonly StageBench bench = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task Mine_PublishesTheSameBytes_WhetherItGoesOnOrStartsAnew()
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        var options = new MineStageOptions { Guide = GuideKind.Dense, Incremental = true, Mining = new MiningOptions { RangeMax = 5, NumNegatives = 3, Partitions = 3 } };
        var stage = new MineStage();
        var first = await bench.RunAsync(stage, options, Inputs(80, gone: -1));
        Assert.Equal(["corpus.parquet", "lists-00000.parquet", "lists-00001.parquet", "lists-00002.parquet"], first["candidates"].Manifest.Members.Select(m => m.Name));

        var inputs = Inputs(96, gone: 11);
        var anew = await bench.RunAsync(stage, options, inputs);
        var reuse = new List<(long Total, long Anew)>();
        var parts = new List<IReadOnlyDictionary<string, InputArtifact>>();
        foreach (var partition in stage.Partition(options, new PlanContext("/", 17, _ => "")))
        {
            parts.Add(await bench.RunNodeAsync(stage, options, inputs, first, partition, []));
            reuse.Add(bench.Report.Reused["queries mined anew"]);
            Assert.Contains("documents: 16 new to it", bench.Logs.Single(), StringComparison.Ordinal);
        }

        var taken = await bench.RunNodeAsync(stage, options, inputs, first, null, parts);
        Assert.Equal(anew.Select(s => (s.Key, s.Value.Id)), taken.Select(s => (s.Key, s.Value.Id)));
        Assert.Equal(95, reuse.Sum(r => r.Total));
        Assert.InRange(reuse.Sum(r => r.Anew), 16, 90);

        // Without the option the negatives are the same, and nothing is kept for the next run.
        var plain = await bench.RunAsync(stage, options with { Incremental = false }, inputs);
        Assert.Equal(anew["mined"].Id, plain["mined"].Id);
        Assert.Empty(plain["candidates"].Manifest.Members);
    }

    [Fact]
    public async Task Mine_SaysThatItIsDoneInFull_WhenTheGuideIsBm25()
    {
        var options = new MineStageOptions { Incremental = true, Analyzer = "standard" };
        var stage = new MineStage();
        await bench.RunNodeAsync(stage, options, Inputs(20, gone: -1), null, stage.Partition(options, new PlanContext("/", 17, _ => ""))[0], []);
        Assert.Equal("the guide is BM25: mined in full, for its statistics change with every document", bench.Logs.Single());
        Assert.Empty(bench.Report.Reused);
    }

    // Document i has the same vector whenever it is there; vectors come from a stable hash.
    Dictionary<string, InputArtifact> Inputs(int count, int gone)
    {
        var store = Composition.Tables();
        var folder = bench.NewFolder();
        var ids = Enumerable.Range(0, count).Where(i => i != gone).ToList();
        var documents = ids.Select(i => new Document($"d{i}", $"title {i}", $"content {i}", "", "s", i, $"{i:x32}", $"g{i}"));
        var pairs = ids.Select(i => new Pair($"title:d{i}", $"title {i}", $"d{i}", null, "title", "train"));
        RowTables.Documents.Write(store, Path.Combine(folder, "part-00000.parquet"), documents, Cancellation);
        RowTables.Pairs.Write(store, Path.Combine(folder, "pairs.parquet"), pairs, Cancellation);
        RowTables.Embeddings.Write(store, Path.Combine(folder, "documents.parquet"), ids.Select(i => new Embedding($"d{i}", "", Vector($"d{i}"))), Cancellation);
        RowTables.Embeddings.Write(store, Path.Combine(folder, "queries.parquet"), ids.Select(i => new Embedding($"title:d{i}", "", Vector($"q{i}"))), Cancellation);
        return new Dictionary<string, InputArtifact>(StringComparer.Ordinal)
        {
            ["documents"] = Artifact("documents", "part-00000.parquet"),
            ["pairs"] = Artifact("pairs", "pairs.parquet"),
            ["embeddings"] = Artifact("embeddings", "documents.parquet", "queries.parquet"),
        };

        InputArtifact Artifact(string kind, params string[] names) => new($"{kind} of {count}", new Manifest { Kind = kind, Members = [.. names.Select(n => new ManifestMember(n, "", 0, 0, ""))] }, [.. names.Select(n => Path.Combine(folder, n))]);
    }

    static float[] Vector(string name) => [.. Enumerable.Range(0, Width).Select(d => (long)(StableHash.Of(d, name) % 1000) - 500).Select(v => (float)v)];
}
