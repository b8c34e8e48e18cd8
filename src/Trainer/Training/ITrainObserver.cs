using DataPrep;

namespace Trainer.Training;

/// <summary>What training tells while it runs. Calls come from the training thread and hold it up; nothing they do changes the model.</summary>
public interface ITrainObserver
{
    /// <summary>Steps done.</summary>
    void Progress(StageProgress progress);

    /// <summary>A point of a series. A resumed training does not repeat points up to its checkpoint.</summary>
    void Metric(string key, long step, double value);

    /// <summary>A line for the log.</summary>
    void Log(string line);

    /// <summary>Something that the ledger should keep; a line for the log where the observer knows no ledger.</summary>
    void Event(TrainEvent happened) => Log($"{happened.Kind}: {happened.Text}");

    /// <summary>Cosines of a sample at a step. A resumed training does not repeat those up to its checkpoint; an observer that keeps none ignores them.</summary>
    void Histogram(CosineHistogram histogram)
    {
    }

    /// <summary>
    /// A phase, the end of a warm-up, an evaluation better than all before, or what was done because of an alarm (stop, roll_back, lower_rate); alarms come by <see cref="Event"/>.
    /// An observer that draws nothing ignores them.
    /// </summary>
    void Mark(TrainingMark mark)
    {
    }

    /// <summary>A checkpoint has been written and flushed; the observer may take the folder away.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="cursorJson">Step, epoch and batch.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="metric">nDCG@10 on dev queries where this step was evaluated; higher is better.</param>
    void Checkpoint(long step, string cursorJson, string folder, double? metric);
}
