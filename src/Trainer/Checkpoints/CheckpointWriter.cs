using Trainer.Training;

namespace Trainer.Checkpoints;

/// <summary>
/// Writes checkpoints beside the training. The training waits while its tensors are copied to host memory; another thread writes, flushes, hashes and renames. At most one is on
/// its way: the next waits for it, which is told. All calls come from the training's thread, and so do the observer's.
/// </summary>
/// <param name="scratch">Folder for checkpoints, which are named by step; half-written ones that a killed process left there are removed.</param>
/// <param name="observer">Told of a checkpoint once it is durable.</param>
public sealed class CheckpointWriter(string scratch, ITrainObserver observer) : IDisposable
{
    readonly SnapshotBuffers _buffers = new();
    Pending? _pending;
    bool _swept;

    /// <summary>Checkpoints that had to wait for the one before.</summary>
    public int Waits { get; private set; }

    /// <summary>Host memory that copies are kept in, bytes: as much as weights, optimizer and parts have.</summary>
    public long BufferBytes => _buffers.Bytes;

    /// <summary>Told on the writing thread how far a checkpoint is.</summary>
    public Action<DurableStage>? Reached { get; init; }

    /// <summary>Copies the state and begins to write it. An error of the one before is thrown here.</summary>
    /// <param name="state">Where the training stands.</param>
    /// <param name="contents">Weights, optimizer and parts.</param>
    /// <param name="log">Series so far.</param>
    /// <param name="metric">What the observer is told of this step's evaluation.</param>
    public void Save(TrainState state, CheckpointContents contents, TrainingLog log, double? metric)
    {
        if (_pending is { Work.IsCompleted: false } slow && Waits++ == 0)
        {
            observer.Log($"The checkpoint of step {state.Step} waits until that of step {slow.Step} is written: the disk is slower than checkpoint_every asks for. Later waits are counted, not told.");
        }

        Finish();
        Sweep();
        var snapshot = new CheckpointSnapshot(state, contents, log, _buffers);
        var folder = Path.Combine(scratch, $"checkpoint-{state.Step:D8}");
        var work = Task.Factory.StartNew(() => snapshot.Write(folder, Reached), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _pending = new Pending(work, folder, state.Step, state.CursorJson, state.BestStep, metric);
    }

    /// <summary>Tells the observer of a checkpoint that has become durable, or throws what kept it from that. To be called at each step; never waits.</summary>
    public void Poll()
    {
        if (_pending is { Work.IsCompleted: true })
        {
            Finish();
        }
    }

    /// <summary>Waits for what is on its way. To be called at the end of the training, so that its error is thrown.</summary>
    public void Drain() => Finish();

    /// <summary>Waits for what is on its way, also where the training was cancelled or failed: then an error of the writer is a line in the log.</summary>
    public void Dispose()
    {
        try
        {
            Finish();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            observer.Log($"The last checkpoint is lost: {error.Message}");
        }

        _buffers.Dispose();
    }

    void Finish()
    {
        if (_pending is not { } done)
        {
            return;
        }

        _pending = null;
        done.Work.GetAwaiter().GetResult();
        observer.Checkpoint(done.Step, done.Cursor, done.Folder, done.Metric);
        Checkpoint.Prune(scratch, done.BestStep);
    }

    void Sweep()
    {
        foreach (var torn in !_swept && Directory.Exists(scratch) ? Directory.GetDirectories(scratch, "checkpoint-????????.tmp") : [])
        {
            Directory.Delete(torn, recursive: true);
        }

        _swept = true;
    }

    sealed record Pending(Task Work, string Folder, int Step, string Cursor, int BestStep, double? Metric);
}
