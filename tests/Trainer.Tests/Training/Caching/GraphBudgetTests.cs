using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Caching;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

/// <summary>How many graphs auto keeps, what a graph is measured to take, and what memory that runs out does.</summary>
[Collection(TorchCollection.Name)]
public sealed class GraphBudgetTests
{
    public GraphBudgetTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Auto_MeasuresAGraph_AsTheTensorsOfAnEqualOneSumUp()
    {
        using var scope = NewDisposeScope();
        const int width = 64;
        using var encoder = CachingCase.Encoder(HeadSet.Dense, width: width);
        var texts = Trainer.Tests.Encoders.PackedParityTests.Texts(Trainer.Tests.Encoders.PackedParityTests.Shape(0, 0), [.. Enumerable.Repeat(60, 64)]);
        var cache = new GradCache(encoder, new InfoNce(), new GradientCacheOptions { MiniBatch = 32, Memory = 64 }, CPU);
        cache.Step(texts.Slice(0, 32), texts.Slice(32, 32), new LossInputs { Queries = new(), Passages = new() }, CachingCase.Request(32));

        // Of a token a layer keeps x, q, k, v, the mixed values, both sums before the norms, what goes into the feed-forward part and, twice as wide here, its inside: 10 widths and some;
        // the embeddings keep their sum, and everybody's last state is the next one's first.
        var each = sizeof(float) * width * ((2 * 10) + 2);
        Assert.InRange(cache.Graphs.BytesPerToken!.Value, 0.8 * each, 1.4 * each);
        Assert.Equal(2, cache.Graphs.Kept);
    }

    [Theory]
    [InlineData(1e-3, 0)]
    [InlineData(64, 6)]
    public void Auto_KeepsWhatThereIsRoomFor_AndGoesOnSoAfterAResume(double memory, int expected)
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense);
        var (queries, passages) = CachingCase.Texts();
        var options = new GradientCacheOptions { MiniBatch = 3, Memory = memory };
        var cache = new GradCache(encoder, new InfoNce(), options, CPU);
        for (var step = 0; step < 2; step++)
        {
            cache.Step(queries, passages, CachingCase.Known(), CachingCase.Request(3, step));
        }

        Assert.Equal(expected, cache.Graphs.Kept);
        var resumed = new GradCache(encoder, new InfoNce(), options with { Memory = 1 }, CPU);
        Carry(cache.Graphs, resumed.Graphs);
        resumed.Step(queries, passages, CachingCase.Known(), CachingCase.Request(3, 2));
        Assert.Equal(expected, resumed.Graphs.Kept);
        Assert.Equal(cache.Graphs.State()!.ToJsonString(), resumed.Graphs.State()!.ToJsonString());
    }

    [Fact]
    public void MemoryThatRunsOut_CostsKeptGraphsFirst_ThenTexts()
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense);
        var (queries, passages) = CachingCase.Texts();
        var loss = new Exhausting(5);
        var cache = new GradCache(encoder, loss, new GradientCacheOptions { MiniBatch = 4, KeepGraphs = 3 }, CPU);
        var observer = new Observer();
        var size = new MiniBatchSize(4, gradientCaching: true, batchSize: CachingCase.Rows, CPU, observer);
        var found = size.Run(9, texts => cache.Step(queries, passages, CachingCase.Known(), CachingCase.Request(texts)), cache.Graphs.KeepFewer);

        Assert.Equal([(3L, 1L), (1L, 0L), (4L, 2L), (2L, 1L)], observer.Events.Select(e => (e.Before!.Value, e.After!.Value)));
        Assert.All(observer.Events, e => Assert.Equal((MiniBatchSize.OutOfMemory, 9L), (e.Kind, e.Step)));
        Assert.Contains("3 kept graphs did not fit", observer.Events[0].Text, StringComparison.Ordinal);
        Assert.Contains("4 texts at once did not fit", observer.Events[2].Text, StringComparison.Ordinal);
        Assert.Equal((1, 0), (size.Texts, cache.Graphs.Kept));

        // A training that goes on from here has the smaller mini-batch, and with it the same draws.
        var gradient = CachingCase.TakeGradients(encoder);
        var resumed = new GradCache(encoder, new InfoNce(), new GradientCacheOptions { MiniBatch = 4, KeepGraphs = 3 }, CPU);
        Carry(cache.Graphs, resumed.Graphs);
        var again = new MiniBatchSize(4, gradientCaching: true, batchSize: CachingCase.Rows, CPU, observer);
        Carry(size, again);
        Assert.Equal(found.Loss, again.Run(9, texts => resumed.Step(queries, passages, CachingCase.Known(), CachingCase.Request(texts)), resumed.Graphs.KeepFewer).Loss);
        Assert.Equal(gradient, CachingCase.TakeGradients(encoder));
        Assert.Equal(0, resumed.Graphs.Kept);
    }

    // As a checkpoint does: by the text of the JSON.
    static void Carry(ICheckpointed from, ICheckpointed to)
    {
        Assert.Empty(from.Tensors());
        to.Restore(JsonNode.Parse(from.State()!.ToJsonString()), new Dictionary<string, SafetensorsTensor>(StringComparer.Ordinal));
    }

    /// <summary>InfoNCE that asks for more memory than any machine addresses, the first few times.</summary>
    sealed class Exhausting(int times) : ILoss
    {
        int _asked;

        public LossValue Compute(LossInputs inputs, RowRange rows)
        {
            if (++_asked < times)
            {
                _ = empty(1L << 52);
            }

            return new InfoNce().Compute(inputs, rows);
        }
    }

    sealed class Observer : ITrainObserver
    {
        public List<TrainEvent> Events { get; } = [];

        public void Event(TrainEvent happened) => Events.Add(happened);

        public void Progress(DataPrep.StageProgress progress)
        {
        }

        public void Metric(string key, long step, double value)
        {
        }

        public void Log(string line)
        {
        }

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
        }
    }
}
