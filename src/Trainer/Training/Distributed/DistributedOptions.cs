namespace Trainer.Training.Distributed;

/// <summary>How processes of one training work together. None of it changes a byte of the model.</summary>
public sealed record DistributedOptions
{
    /// <summary>Seconds an operation may take, the wait for the slowest rank (its evaluation, its checkpoint) included: 1 to 86400. A rank that dies is noticed at once with Gloo; one that hangs, and any with NCCL, after this. Default 600.</summary>
    public double TimeoutSeconds { get; init; } = 600;

    /// <summary>Seconds to wait at the start until all ranks are there: 1 to 86400. Default 300.</summary>
    public double JoinSeconds { get; init; } = 300;

    /// <summary>Seconds without a sign of life after which a rank counts as lost, once an operation failed: 0.5 to 600. Default 5.</summary>
    public double SilenceSeconds { get; init; } = 5;

    /// <summary>Megabytes of gradients that are added up at once: 1 to 4096. Default 25, as PyTorch's DistributedDataParallel.</summary>
    public double BucketMegabytes { get; init; } = 25;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="TrainerException">A value is outside its range.</exception>
    public void Require()
    {
        Range("timeout_seconds", TimeoutSeconds, 1, 86400);
        Range("join_seconds", JoinSeconds, 1, 86400);
        Range("silence_seconds", SilenceSeconds, 0.5, 600);
        Range("bucket_megabytes", BucketMegabytes, 1, 4096);

        static void Range(string name, double value, double least, double most)
        {
            if (!(value >= least && value <= most))
            {
                throw new TrainerException($"distributed.{name} is {value}; expected {least} to {most}.");
            }
        }
    }
}
