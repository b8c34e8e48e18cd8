using DataPrep;
using Trainer.Training;

namespace TrainerApp;

/// <summary>Tells of nothing: what rank 0 tells is true of all ranks.</summary>
sealed class SilentObserver : ITrainObserver
{
    public void Progress(StageProgress progress)
    {
    }

    public void Metric(string key, long step, double value)
    {
    }

    public void Log(string line)
    {
    }

    public void Event(TrainEvent happened)
    {
    }

    public void Checkpoint(long step, string cursorJson, string folder, double? metric)
    {
    }
}
