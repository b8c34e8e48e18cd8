using TorchSharp;

namespace Trainer.Training.Watching;

/// <summary>Throughput and memory of a training: told to its observer, never written to its series, which must not depend on the machine.</summary>
/// <param name="time">The clock.</param>
/// <param name="device">Where the training runs.</param>
public sealed class TrainingMeter(TimeProvider time, torch.Device device)
{
    long _since = time.GetTimestamp();
    long _pairs, _tokens;

    /// <summary>Counts a step.</summary>
    /// <param name="pairs">Queries with their positive.</param>
    /// <param name="tokens">Tokens of all texts, padding left out.</param>
    public void Add(long pairs, long tokens) => (_pairs, _tokens) = (_pairs + pairs, _tokens + tokens);

    /// <summary>Starts the count anew, as after an evaluation, whose time is none of the training's.</summary>
    public void Restart() => (_since, _pairs, _tokens) = (time.GetTimestamp(), 0, 0);

    /// <summary>Tells pairs and tokens per second since the last call, and the bytes in use (of the device; of the process on the CPU), and starts anew.</summary>
    public void Tell(ITrainObserver observer, long step)
    {
        var seconds = time.GetElapsedTime(_since).TotalSeconds;
        if (seconds > 0 && _pairs > 0)
        {
            observer.Metric("pairs_per_second", step, _pairs / seconds);
            observer.Metric("tokens_per_second", step, _tokens / seconds);
        }

        if (Memory() is { } bytes)
        {
            observer.Metric("memory_bytes", step, bytes);
        }

        Restart();
    }

    long? Memory()
    {
        if (device.type == DeviceType.CPU)
        {
            return Environment.WorkingSet;
        }

        try
        {
            return TorchRuntime.CudaMemory(Math.Max(0, device.index)).Peak;
        }
        catch (TorchException)
        {
            return null;
        }
    }
}
