using System.Globalization;

namespace Workflow.Runs;

/// <summary>Names one process for good: pid, the kernel's start tick and the boot, so that a recycled pid is never taken for its predecessor.</summary>
/// <param name="Host">Machine name.</param>
/// <param name="Pid">Process id.</param>
/// <param name="Start">Start time in clock ticks since boot (/proc/PID/stat, field 22).</param>
/// <param name="Boot">The kernel's boot id.</param>
public sealed record ProcessIdentity(string Host, long Pid, long Start, string Boot)
{
    static readonly Lazy<ProcessIdentity> Self = new(() => new ProcessIdentity(Environment.MachineName, Environment.ProcessId, Stat(Environment.ProcessId)?.Start ?? 0, ReadBoot()));

    /// <summary>This process.</summary>
    public static ProcessIdentity Current => Self.Value;

    /// <summary>Whether the process is proven dead, which only this host can know: another boot, no such pid, another start time, or a zombie nobody reaped.</summary>
    public static bool IsDead(string host, long pid, long start, string boot)
    {
        if (host != Current.Host)
        {
            return false;
        }

        if (boot != Current.Boot)
        {
            return true;
        }

        return Stat(pid) is not { } stat || stat.Start != start || stat.State is 'Z' or 'X';
    }

    /// <summary>Whether the process is proven dead.</summary>
    public bool IsDead() => IsDead(Host, Pid, Start, Boot);

    /// <summary>Whether the process has been killed and is on its way out: its files and locks go any moment.</summary>
    public bool IsDying()
    {
        if (IsDead())
        {
            return true;
        }

        const long exiting = 0x4;
        if (Stat(Pid) is { } stat && (stat.Flags & exiting) != 0)
        {
            return true;
        }

        return KillPending($"/proc/{Pid}/status");
    }

    static bool KillPending(string statusFile)
    {
        const ulong kill = 1UL << 8;
        try
        {
            return File.ReadLines(statusFile)
                .Where(l => l.StartsWith("SigPnd:", StringComparison.Ordinal) || l.StartsWith("ShdPnd:", StringComparison.Ordinal))
                .Any(l => (ulong.Parse(l.AsSpan(7).Trim(), NumberStyles.HexNumber) & kill) != 0);
        }
        catch (IOException)
        {
            return true;
        }
    }

    static (char State, long Flags, long Start)? Stat(long pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], long.Parse(fields[6]), long.Parse(fields[19]));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static string ReadBoot()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }
}
