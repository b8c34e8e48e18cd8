using System.Runtime.InteropServices;

namespace Bench;

/// <summary>Processor time of the calling thread: a machine that others use too does not bear on it as it does on the clock.</summary>
static partial class ThreadClock
{
    const int ThreadCpuTime = 3;

    public static double Micros => GetTime(ThreadCpuTime, out var time) == 0 ? (time.Seconds * 1e6) + (time.Nanos / 1e3) : throw new InvalidOperationException("no clock of threads here");

    /// <summary>Processor time of the threads of this process with a name, in microseconds.</summary>
    public static double Of(string name) => Directory.GetDirectories("/proc/self/task").Where(t => Read(t, "comm").Trim() == name)
        .Sum(t => double.Parse("0" + Read(t, "schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) / 1e3);

    static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // Threads come and go.
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    struct Timespec
    {
        public long Seconds;
        public long Nanos;
    }
}
