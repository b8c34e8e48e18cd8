namespace Trainer.Training.Batches;

/// <summary>Tells how much memory a piece of work needed.</summary>
public interface IMemoryProbe
{
    /// <summary>Name of the device whose memory it is.</summary>
    string Device { get; }

    /// <summary>Bytes that the device has.</summary>
    long Capacity { get; }

    /// <summary>Gives back what nobody uses and begins a new measurement.</summary>
    void Reset();

    /// <summary>Bytes in use at most since <see cref="Reset"/>, with what was in use before.</summary>
    long Peak();
}
