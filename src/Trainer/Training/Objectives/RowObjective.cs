using TorchSharp.Modules;
using Trainer.Losses;
using Trainer.Training.Distributed;

namespace Trainer.Training.Objectives;

/// <summary>An objective whose rows stand each for itself: of several processes each takes some rows of a batch, and leaves their share in the gradients.</summary>
public abstract class RowObjective : IObjective
{
    /// <summary>Processes that share each batch; figures are those of the whole batch.</summary>
    /// <value>Default: this one alone.</value>
    public DistributedContext Ranks
    {
        get;
        init => (field, Share) = (value, (value.Rank, value.WorldSize));
    } = DistributedContext.Single;

    /// <summary>Which share of each batch's rows is taken, where figures are not to be added up over ranks: gradients and figures are then the share's.</summary>
    /// <value>Default: that of <see cref="Ranks"/>, of one process the whole batch.</value>
    public (int Rank, int WorldSize) Share { get; init; } = (0, 1);

    /// <inheritdoc/>
    public abstract IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    public abstract StepResult Backward(StepRequest request);

    /// <inheritdoc/>
    public virtual void Save(string folder)
    {
    }

    /// <summary>Nothing: models are the caller's.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The rows of a batch that this process takes.</summary>
    protected RowRange Own(int rows) => DistributedContext.RowsOf(rows, Share.Rank, Share.WorldSize);

    /// <summary>Name of a column in seeds: every process has draws of its own, the first those of a process alone.</summary>
    protected string Column(string name) => Share.Rank == 0 ? name : $"{name}@{Share.Rank}";
}
