using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Watching;

namespace Trainer.Tests.Training.Watching;

/// <summary>Every figure of the cosines against NumPy, and what the probe leaves out.</summary>
public sealed class CosineProbeTests
{
    const int Dimensions = 32, Seed = 5, Rows = 200;

    [Fact]
    public void Probe_GivesNumPysFigures()
    {
        using var python = new PythonTorch();
        var random = new SplitMix64(7);
        var samples = new Dictionary<string, double[]>
        {
            ["odd"] = [.. Enumerable.Range(0, 1001).Select(_ => (random.NextDouble() * 2) - 1)],
            ["even"] = [.. Enumerable.Range(0, 640).Select(_ => (random.NextDouble() * 0.7) + 0.2)],
            ["ties"] = [.. Enumerable.Range(0, 300).Select(_ => random.Below(9) / 8.0)],
            ["ties2"] = [.. Enumerable.Range(0, 200).Select(_ => random.Below(9) / 8.0)],
            ["one"] = [0.25],
        };
        foreach (var (name, values) in samples)
        {
            python.Write<double>(name, values);
        }

        using var scene = new WatchScene();
        var rows = Sample.Take(scene.Set.Rows, Rows, Seed, "cosine probe");
        python.Write<double>("queries", Embed(scene.Model, scene.Set.Queries, rows.Select(r => r.Query), TextRole.Query));
        python.Write<double>("passages", Embed(scene.Model, scene.Set.Passages, rows.Select(r => r.Positive), TextRole.Passage));
        python.Write<double>("query_rows", rows.Select(r => (double)r.Query).ToArray());
        python.Write<double>("clusters", rows.Select(r => (double)Cluster(scene.Set, rows, r)).ToArray());
        python.Run(Path.Combine(AppContext.BaseDirectory, "Training", "Watching", "cosines.py"), Dimensions.ToString());

        foreach (var name in new[] { "odd", "even", "ties", "one" })
        {
            var found = CosineStatistics.Histogram(3, "positive", [.. samples[name]]);
            var expected = python.Read<double>(name + ".figures");
            Assert.Equal(expected[0], found.Mean, 13);
            Assert.Equal(expected[1], found.Deviation, 13);
            Assert.Equal(expected.Skip(2), new[] { found.Percentiles!.P1, found.Percentiles.P5, found.Percentiles.P50, found.Percentiles.P95, found.Percentiles.P99 });
            Assert.Equal(python.Read<double>(name + ".counts"), found.Counts.Select(c => (double)c));
        }

        Assert.Equal(python.Read<double>("auc")[0], Auc(samples["even"], samples["odd"]), 14);
        Assert.Equal(python.Read<double>("auc_ties")[0], Auc(samples["ties"], samples["ties2"]), 14);

        var reading = new CosineProbe(scene.Set, Seed, Rows).Read(scene.Model, 0, TestContext.Current.CancellationToken);
        var figures = python.Read<double>("reading");
        Assert.Equal(figures[0], reading.Alignment, 9);
        Assert.Equal(figures[1], reading.Uniformity, 9);
        Assert.Equal(figures[2], reading.QueryDeviation, 9);
        Assert.Equal(figures[3], reading.PassageDeviation, 9);
    }

    [Fact]
    public void Probe_LeavesFalseNegativesOut_AndComparesTheRestWithPositives()
    {
        using var scene = new WatchScene();
        var rows = Sample.Take(scene.Set.Rows, Rows, Seed, "cosine probe");
        var excluded = scene.Set.FalseNegatives([.. rows.Select(r => r.Query)], [.. rows.Select(r => r.Positive)]).Count(x => x);
        Assert.True(excluded > 0);

        var histograms = new CosineProbe(scene.Set, Seed, Rows).Read(scene.Model, 7, TestContext.Current.CancellationToken).Histograms;
        Assert.Equal(["positive", "in_batch", "hard_negative"], histograms.Select(h => h.Kind));
        Assert.Equal([Rows, (Rows * (Rows - 1)) - excluded, rows.Sum(r => r.Negatives.Length)], histograms.Select(h => h.Counts.Sum()));
        Assert.Null(histograms[0].Auc);
        // Weights drawn at random find the shared words of a topic already.
        Assert.All(histograms.Skip(1), h => Assert.InRange(h.Auc!.Value, 0.55, 1));
        Assert.All(histograms, h => Assert.InRange(h.Mean, h.Percentiles!.P1, h.Percentiles.P99));
    }

    [Fact]
    public void Probe_CountsTextsWithoutASparseWeight()
    {
        using var scene = new WatchScene();
        using var sparse = new EmbeddingModel(scene.Model.Config, scene.Model.Tokenizer, new EveryFourth(scene.Encoder));
        var probe = new CosineProbe(scene.Set, Seed, 100);
        Assert.Null(probe.Read(scene.Model, 0, TestContext.Current.CancellationToken).ZeroSparse);
        // Batches of 64 and 36 texts: every fourth from the first on is empty.
        Assert.Equal(0.25, probe.Read(sparse, 0, TestContext.Current.CancellationToken).ZeroSparse);
    }

    [Fact]
    public void Rows_AreCountedByGenerator()
    {
        using var scene = new WatchScene();
        Assert.Equal([new KeyValuePair<string, long>("title", 600)], TaskKinds.RowsByGenerator(scene.Set));
        Assert.Equal(TaskKind.TitleContent, TaskKinds.OfMost(["title", "lead", "qrels"]));
        Assert.Equal(TaskKind.QueryDocument, TaskKinds.OfMost(["qrels", "llm", "title"]));
    }

    [Fact]
    public void Auc_CountsTiesAHalf()
    {
        Assert.Equal(0.5, Auc([0.1, 0.1], [0.1, 0.1, 0.1]));
        Assert.Equal(1, Auc([0.5], [0.1, 0.4]));
        Assert.Equal(0, Auc([0.1], [0.2]));
        Assert.Equal(0.8125, Auc([0.2, 0.3], [0.1, 0.2, 0.2, 0.2]), 12);
    }

    // An encoder whose sparse head leaves every fourth text of a batch empty.
    sealed class EveryFourth(IEncoder inner) : IEncoder
    {
        public string Type => inner.Type;

        public bool SpecialTokens => inner.SpecialTokens;

        public Precision Precision { get; set; }

        public int Dimensions => inner.Dimensions;

        public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Parameters => inner.Parameters;

        public bool Training { get; set; }

        public HeadSet Heads => HeadSet.Dense | HeadSet.Sparse;

        public HeadOutputs Outputs(TokenBatch batch, TextRole role, HeadSet heads)
        {
            var full = Enumerable.Range(0, batch.Count).Select(i => i % 4 == 0 ? 0 : 1).ToArray();
            var offsets = full.Select((_, i) => (long)full.Take(i).Sum()).ToArray();
            return new HeadOutputs { Sparse = new SparseVectors(TorchSharp.torch.ones(full.Sum()), [.. Enumerable.Repeat(7L, full.Sum())], offsets) };
        }

        public TorchSharp.torch.Tensor Forward(TokenBatch batch, TextRole role) => inner.Forward(batch, role);

        public void Dispose()
        {
        }
    }

    static double Auc(double[] positives, double[] negatives) => CosineStatistics.Auc([.. positives.Order()], [.. negatives.Order()]);

    // Passages of one cluster are each other's false negatives: the first row of the cluster stands for it.
    static int Cluster(TrainingSet set, IReadOnlyList<IndexedRow> rows, IndexedRow row) => rows.Select(r => r.Positive)
        .First(p => p == row.Positive || set.FalseNegatives([row.Query, row.Query], [row.Positive, p])[1]);

    static double[] Embed(EmbeddingModel model, TokenStore texts, IEnumerable<int> rows, TextRole role)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        return [.. model.Embed(texts.Gather(rows.ToArray()), role).data<float>().ToArray().Select(v => (double)v)];
    }
}
