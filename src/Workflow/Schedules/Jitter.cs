using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Workflow.Schedules;

/// <summary>Spreads rings so that schedules of one minute do not start together; the same fire time always rings at the same instant.</summary>
static class Jitter
{
    /// <summary>A delay in [0, <paramref name="longest"/>), whole seconds where it is at least one.</summary>
    public static TimeSpan Of(string key, DateTimeOffset nominal, TimeSpan longest)
    {
        if (longest <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\n{nominal.ToUnixTimeSeconds()}"));
        var unit = longest >= TimeSpan.FromSeconds(1) ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond;
        return new TimeSpan((long)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)Math.Max(1, longest.Ticks / unit)) * unit);
    }
}
