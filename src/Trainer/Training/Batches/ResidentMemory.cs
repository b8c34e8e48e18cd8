using System.Globalization;
using System.Runtime.InteropServices;

namespace Trainer.Training.Batches;

/// <summary>
/// Resident memory of this process. The kernel keeps its peak (VmHWM of /proc/self/status) and forgets it when 5 is written to /proc/self/clear_refs (proc(5)); where that is not allowed
/// a thread looks at /proc/self/statm every 2 milliseconds, which can miss a shorter peak. Unused memory goes back to the kernel before each measurement, or an earlier, larger trial would count.
/// </summary>
public sealed class ResidentMemory : IMemoryProbe, IDisposable
{
    const string ClearRefs = "/proc/self/clear_refs", Status = "/proc/self/status", Statm = "/proc/self/statm";

    readonly ManualResetEventSlim _stopped = new();
    readonly bool _sampling;
    readonly Thread? _sampler;
    long _sampled;

    /// <param name="sampling">Looks now and then even where the kernel keeps the peak.</param>
    /// <exception cref="TrainerException">There is no /proc: nobody tells what the process holds.</exception>
    public ResidentMemory(bool sampling = false)
    {
        if (!File.Exists(Statm))
        {
            throw new TrainerException($"{Statm} does not exist; expected Linux's /proc. Name the batch sizes (batches.sizes) instead of having them found.");
        }

        _sampling = sampling || !ForgetPeak();
        if (_sampling)
        {
            _sampler = new Thread(Sample) { IsBackground = true, Name = "resident memory" };
            _sampler.Start();
        }
    }

    /// <inheritdoc/>
    public string Device => "cpu";

    /// <summary>Bytes that the machine, or the container, has.</summary>
    public long Capacity => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <inheritdoc/>
    public void Reset()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc keeps freed memory to itself and can be told not to.
        }

        if (_sampling)
        {
            Interlocked.Exchange(ref _sampled, Resident());
        }
        else
        {
            ForgetPeak();
        }
    }

    /// <inheritdoc/>
    public long Peak()
    {
        if (_sampling)
        {
            Raise(Resident());
            return Interlocked.Read(ref _sampled);
        }

        var line = File.ReadLines(Status).First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 6 - " kB".Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite) * 1024;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Set();
        _sampler?.Join();
        _stopped.Dispose();
    }

    static bool ForgetPeak()
    {
        try
        {
            File.WriteAllText(ClearRefs, "5");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    static long Resident() => long.Parse(File.ReadAllText(Statm).Split(' ')[1]) * Environment.SystemPageSize;

    void Sample()
    {
        while (!_stopped.Wait(2))
        {
            Raise(Resident());
        }
    }

    void Raise(long found)
    {
        var known = Interlocked.Read(ref _sampled);
        while (found > known && Interlocked.CompareExchange(ref _sampled, found, known) is var before && before != known)
        {
            known = before;
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    static extern int Trim(nint pad);
}
