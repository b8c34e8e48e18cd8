using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class CheckpointWriterTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("writer-").FullName;
    readonly SmallTraining.Observer _observer = new();

    public CheckpointWriterTests()
    {
        PythonTorch.RequireTorch();
        set_num_threads(1);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Save_WritesTheStepItWasCalledAt_WhileTheTrainingGoesOn()
    {
        var (beside, waited) = (Path.Combine(_root, "beside"), Path.Combine(_root, "waited"));
        using var training = new SmallTraining();
        using var gate = new ManualResetEventSlim();
        using (var writer = new CheckpointWriter(beside, _observer) { Reached = stage => Wait(gate, stage, DurableStage.Begun) })
        {
            training.Step();
            training.Log.Histograms.Add(new CosineHistogram(1, "positive", 0.5, 0.1, [1, 2]));
            training.Log.Marks.Add(new TrainingMark(TrainingMarks.Best, 1, "x"));
            training.Write(waited);
            writer.Save(training.State, training.Contents, training.Log, 0.5);
            training.Step();
            training.Step();
            training.Log.Histograms.Clear();
            training.Log.Marks.Add(new TrainingMark(TrainingMarks.Best, 3, "x"));
            writer.Poll();
            Assert.Empty(_observer.Checkpoints);
            gate.Set();
            writer.Drain();
            Assert.Equal((1, Environment.CurrentManagedThreadId), _observer.Checkpoints.Select(c => (c.Step, c.Thread)).Single());
        }

        // Every file that both have is the same, byte for byte, three steps later.
        var expected = Directory.GetFiles(Path.Combine(waited, "checkpoint-00000001")).Where(f => !f.EndsWith(DurableFolder.DigestFile, StringComparison.Ordinal)).ToList();
        Assert.Equal(7, expected.Count);
        Assert.All(expected, f => Assert.Equal(File.ReadAllBytes(f), File.ReadAllBytes(Path.Combine(beside, "checkpoint-00000001", Path.GetFileName(f)))));
    }

    [Fact]
    public void Poll_TellsOnceTheFolderIsThere()
    {
        using var training = new SmallTraining();
        using var renamed = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(_root, _observer) { Reached = stage => Set(renamed, stage) };
        training.Step();
        writer.Save(training.State, training.Contents, training.Log, null);
        renamed.Wait(TestContext.Current.CancellationToken);
        while (_observer.Checkpoints.Count == 0)
        {
            writer.Poll();
            Thread.Yield();
        }

        Assert.Equal(Path.Combine(_root, "checkpoint-00000001"), _observer.Checkpoints[0].Folder);
        Assert.Null(DurableFolder.Fault(Checkpoint.Find(_root)[0].Paths));

        static void Set(ManualResetEventSlim renamed, DurableStage stage)
        {
            if (stage == DurableStage.Renamed)
            {
                renamed.Set();
            }
        }
    }

    [Theory]
    [InlineData(DurableStage.Begun)]
    [InlineData(DurableStage.Written)]
    [InlineData(DurableStage.Listed)]
    [InlineData(DurableStage.Cleared)]
    [InlineData(DurableStage.Renamed)]
    public void Kill_LeavesTheEarlierOnesWhole_WhereverItComes(DurableStage at)
    {
        var disk = Path.Combine(_root, "as-the-kill-left-it");
        string before, after;
        using (var training = new SmallTraining())
        {
            var armed = false;
            using var writer = new CheckpointWriter(Path.Combine(_root, "scratch"), _observer) { Reached = stage => Freeze(armed && stage == at, disk) };
            training.Step();
            before = training.Bits();
            writer.Save(training.State, training.Contents, training.Log, null);
            writer.Drain();
            armed = true;
            training.Step();
            after = training.Bits();
            writer.Save(training.State, training.Contents, training.Log, null);
            writer.Drain();
        }

        using var resumed = new SmallTraining();
        List<string> lines = [];
        Assert.True(resumed.Resume(disk, lines));
        Assert.Equal(at == DurableStage.Renamed ? after : before, resumed.Bits());

        // The next writer clears what the killed one left.
        using var next = new CheckpointWriter(disk, _observer);
        next.Save(resumed.State, resumed.Contents, resumed.Log, null);
        next.Drain();
        Assert.Empty(Directory.GetDirectories(disk, "*.tmp"));

        void Freeze(bool now, string copy)
        {
            foreach (var file in now ? Directory.GetFiles(Path.Combine(_root, "scratch"), "*", SearchOption.AllDirectories) : [])
            {
                var target = Path.Combine(copy, Path.GetRelativePath(Path.Combine(_root, "scratch"), file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }

            if (now && at == DurableStage.Begun)
            {
                Directory.CreateDirectory(Path.Combine(copy, "checkpoint-00000002.tmp"));
            }
        }
    }

    [Fact]
    public void Save_WaitsForTheOneBefore_AndTellsIt()
    {
        using var training = new SmallTraining();
        using var gate = new ManualResetEventSlim();
        using var writer = new CheckpointWriter(_root, _observer) { Reached = stage => Wait(gate, stage, DurableStage.Written) };
        training.Step();
        writer.Save(training.State, training.Contents, training.Log, null);
        training.Step();
        _observer.Told = gate.Set;
        writer.Save(training.State, training.Contents, training.Log, null);

        Assert.Equal(1, writer.Waits);
        Assert.Contains("step 2 waits until that of step 1 is written", Assert.Single(_observer.Lines), StringComparison.Ordinal);
        Assert.Equal([1L], _observer.Checkpoints.Select(c => c.Step));
        writer.Drain();
        Assert.Equal([1L, 2], _observer.Checkpoints.Select(c => c.Step));
    }

    [Fact]
    public void Errors_OfTheWriterComeUpAtTheNextStep_AtTheEndAndInTheLog()
    {
        using var training = new SmallTraining();
        training.Step();
        using (var writer = Failing())
        {
            writer.Save(training.State, training.Contents, training.Log, null);
            Assert.Equal("No space left on device", Assert.Throws<IOException>(() => PollUntilDone(writer)).Message);
            writer.Save(training.State, training.Contents, training.Log, null);
            Assert.Throws<IOException>(writer.Drain);
            writer.Save(training.State, training.Contents, training.Log, null);
        }

        Assert.Equal(["The last checkpoint is lost: No space left on device"], _observer.Lines);
        Assert.Empty(_observer.Checkpoints);
        Assert.Empty(Checkpoint.Find(_root));

        static void PollUntilDone(CheckpointWriter writer)
        {
            while (true)
            {
                writer.Poll();
                Thread.Yield();
            }
        }
    }

    [Fact]
    public void Dispose_KeepsTheCheckpointOfACancelledTraining()
    {
        using var training = new SmallTraining();
        training.Step();
        Assert.Throws<OperationCanceledException>((Action)Cancelled);
        Assert.Equal(1, Assert.Single(_observer.Checkpoints).Step);

        void Cancelled()
        {
            using var writer = new CheckpointWriter(_root, _observer);
            writer.Save(training.State, training.Contents, training.Log, null);
            throw new OperationCanceledException();
        }
    }

    [Fact]
    public void Buffers_AreUsedAgain_SoThatMemoryDoesNotGrow()
    {
        using var training = new SmallTraining();
        using var writer = new CheckpointWriter(_root, _observer);
        Save();
        var (bytes, handles) = (writer.BufferBytes, TorchCollection.SettledHandles());
        for (var k = 0; k < 8; k++)
        {
            Save();
        }

        Assert.Equal(handles, TorchCollection.SettledHandles());
        Assert.Equal(bytes, writer.BufferBytes);

        // Weights, two means of what is trained, and two averages of all.
        long all = 4 * ((12 * 8) + (8 * 8) + 8 + (8 * 3)), trained = all - (4 * 12 * 8);
        Assert.Equal((3 * all) + (2 * trained), bytes);
        Assert.Equal(["checkpoint-00000009", "checkpoint-00000008"], Checkpoint.Find(_root).Select(f => Path.GetFileName(f.Label)));

        void Save()
        {
            training.Step();
            writer.Save(training.State, training.Contents, training.Log, null);
            writer.Drain();
        }
    }

    CheckpointWriter Failing() => new(_root, _observer) { Reached = stage => throw new IOException(stage == DurableStage.Begun ? "No space left on device" : "unexpected") };

    static void Wait(ManualResetEventSlim gate, DurableStage stage, DurableStage held)
    {
        if (stage == held)
        {
            gate.Wait();
        }
    }
}
