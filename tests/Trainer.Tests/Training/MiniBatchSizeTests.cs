using TorchSharp;
using Trainer.Tests.Torch;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Tests.Training;

/// <summary>What is done about memory that runs out: libtorch's allocator refuses in earnest.</summary>
[Collection(TorchCollection.Name)]
public sealed class MiniBatchSizeTests
{
    // Above a mini-batch of 4 texts the step asks for more memory than any machine addresses.
    static readonly Func<int, (int Texts, double Draw)> Step = texts =>
    {
        var draw = rand(1).ToDouble();
        _ = empty(texts > 4 ? 1L << 52 : texts);
        return (texts, draw);
    };

    public MiniBatchSizeTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Run_HalvesUntilItFits_AndTellsEachTime_UnderGradientCaching()
    {
        var observer = new Observer();
        var size = new MiniBatchSize(20, gradientCaching: true, batchSize: 1024, CPU, observer);
        manual_seed(7);
        var first = rand(1).ToDouble();
        manual_seed(7);

        var handles = TorchCollection.SettledHandles();
        Assert.Equal((2, first), size.Run(3, texts => texts > 2 ? Step(texts + 4) : Step(texts)));
        Assert.Equal(2, size.Texts);
        Assert.Equal(handles, TorchRuntime.LiveHandles);
        Assert.Equal([(20L, 10L), (10L, 5L), (5L, 2L)], observer.Events.Select(e => (e.Before!.Value, e.After!.Value)));
        Assert.All(observer.Events, e => Assert.Equal((MiniBatchSize.OutOfMemory, 3L), (e.Kind, e.Step)));
        Assert.Contains("going on with 10", observer.Events[0].Text, StringComparison.Ordinal);

        Assert.Equal(2, size.Run(4, Step).Texts);
        Assert.Equal(3, observer.Events.Count);
    }

    [Fact]
    public void Run_EndsWithWhatToDo_WithoutGradientCaching()
    {
        var observer = new Observer();
        var size = new MiniBatchSize(64, gradientCaching: false, batchSize: 64, CPU, observer);
        var error = Assert.Throws<TrainerException>(() => size.Run(5, Step));
        Assert.Contains("ran out in step 5 with batch_size 64", error.Message, StringComparison.Ordinal);
        Assert.Contains("Lower batch_size", error.Message, StringComparison.Ordinal);
        Assert.Contains("held by this process", error.Message, StringComparison.Ordinal);
        Assert.IsType<TorchOutOfMemoryException>(error.InnerException);
        Assert.Empty(observer.Events);
        Assert.Equal(64, size.Texts);
    }

    [Fact]
    public void Run_GivesUp_WhenOneTextDoesNotFit()
    {
        var observer = new Observer();
        var size = new MiniBatchSize(3, gradientCaching: true, batchSize: 8, CPU, observer);
        var error = Assert.Throws<TrainerException>(() => size.Run(1, texts => Step(texts + 4)));
        Assert.Contains("One text alone does not fit", error.Message, StringComparison.Ordinal);
        Assert.Equal([(3L, 1L)], observer.Events.Select(e => (e.Before!.Value, e.After!.Value)));
    }

    [Fact]
    public void Run_LetsOtherFaultsThrough()
    {
        var size = new MiniBatchSize(4, gradientCaching: true, batchSize: 8, CPU, new Observer());
        Assert.Throws<InvalidOperationException>(() => size.Run<int>(1, _ => throw new InvalidOperationException("another")));
        Assert.Equal(4, size.Texts);
    }

    sealed class Observer : ITrainObserver
    {
        public List<TrainEvent> Events { get; } = [];

        public void Progress(DataPrep.StageProgress progress)
        {
        }

        public void Metric(string key, long step, double value)
        {
        }

        public void Log(string line)
        {
        }

        public void Event(TrainEvent happened) => Events.Add(happened);

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
        }
    }
}
