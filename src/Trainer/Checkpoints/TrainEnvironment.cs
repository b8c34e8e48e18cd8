using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using Trainer.Training;

namespace Trainer.Checkpoints;

/// <summary>What the last bits of a training depend on beside its options, data and seed. A checkpoint names it; going on elsewhere is allowed, and told.</summary>
public sealed record TrainEnvironment
{
    /// <summary>Kind of the event that records a difference.</summary>
    public const string Changed = "environment_changed";

    /// <summary>Threads of libtorch.</summary>
    public required int Threads { get; init; }

    /// <summary>Architecture and processor model, as "x64 AMD EPYC 9B14".</summary>
    public required string Processor { get; init; }

    /// <summary>Instructions that libtorch's kernels use, as "AVX2".</summary>
    public required string Instructions { get; init; }

    /// <summary>The BLAS, as "OpenBLAS (libopenblas.so.0)".</summary>
    public required string Blas { get; init; }

    /// <summary>Version of libtorch.</summary>
    public required string Libtorch { get; init; }

    /// <summary>Kind of device: "cpu", or "cuda" with the card's name.</summary>
    public required string Device { get; init; }

    /// <summary>The environment of this process.</summary>
    /// <param name="threads">Threads of libtorch.</param>
    /// <param name="device">Where the training runs.</param>
    public static TrainEnvironment Current(int threads, torch.Device device) => new()
    {
        Threads = threads,
        Processor = $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()} {ProcessorModel()}",
        Instructions = InstructionsOf(TorchRuntime.BuildConfiguration),
        Blas = Bare(TorchRuntime.BlasLibrary),
        Libtorch = TorchRuntime.Version,
        Device = device.type == DeviceType.CPU ? "cpu" : $"cuda {CudaDevice.Find(Math.Max(0, device.index))?.Name ?? "unknown"}",
    };

    /// <summary>What differs, in words; empty where nothing does.</summary>
    public static IReadOnlyList<string> Differences(TrainEnvironment before, TrainEnvironment now) =>
    [
        .. new[]
        {
            ("threads", before.Threads.ToString(CultureInfo.InvariantCulture), now.Threads.ToString(CultureInfo.InvariantCulture)),
            ("processor", before.Processor, now.Processor),
            ("instructions", before.Instructions, now.Instructions),
            ("BLAS", before.Blas, now.Blas),
            ("libtorch", before.Libtorch, now.Libtorch),
            ("device", before.Device, now.Device),
        }.Where(f => f.Item2 != f.Item3).Select(f => $"{f.Item1} was {f.Item2}, is {f.Item3}"),
    ];

    /// <summary>Tells and records what differs from the environment of a checkpoint; nothing where nothing does, or where the checkpoint does not say.</summary>
    /// <param name="before">The checkpoint's.</param>
    /// <param name="now">This process's.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="observer">Told by a line and the event <see cref="Changed"/>.</param>
    /// <returns>The differences.</returns>
    public static IReadOnlyList<string> Announce(TrainEnvironment? before, TrainEnvironment now, long step, ITrainObserver observer)
    {
        var differences = before is null ? [] : Differences(before, now);
        if (differences.Count > 0)
        {
            observer.Log($"Going on from step {step} in another environment ({string.Join("; ", differences)}): the rest is sound, but need not have the bits that it would have had without the change.");
            observer.Event(new TrainEvent(Changed, step, string.Join("; ", differences)));
        }

        return differences;
    }

    internal static string InstructionsOf(string configuration)
    {
        const string Key = "CPU capability usage:";
        var line = configuration.Split('\n').FirstOrDefault(l => l.Contains(Key, StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(Key, StringComparison.Ordinal) + Key.Length)..].Trim();
    }

    // Where a library lies is no part of what it computes.
    static string Bare(string blas)
    {
        var open = blas.IndexOf('(', StringComparison.Ordinal);
        return open < 0 ? blas : string.Concat(blas.AsSpan(0, open + 1), Path.GetFileName(blas.AsSpan(open + 1)));
    }

    static string ProcessorModel()
    {
        const string Facts = "/proc/cpuinfo";
        var line = File.Exists(Facts) ? File.ReadLines(Facts).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal) || l.StartsWith("CPU part", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2) is [_, var model] ? model.Trim() : "unknown";
    }
}
