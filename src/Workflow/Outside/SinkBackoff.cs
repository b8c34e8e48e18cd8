using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Workflow.Outside;

/// <summary>Waits between tries: doubling from one second to five minutes, spread between half and all of it so that many senders do not come back at once.</summary>
static class SinkBackoff
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait a receiver may ask for.</summary>
    static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <summary>The wait before the next try.</summary>
    /// <param name="sink">Sink and home, so that two senders spread differently.</param>
    /// <param name="seq">The event that waits.</param>
    /// <param name="tries">Failed tries so far, from 1.</param>
    /// <param name="asked">What the receiver asked for, or null.</param>
    public static TimeSpan Wait(string sink, long seq, long tries, TimeSpan? asked)
    {
        var full = Math.Min(Longest.TotalSeconds, Math.Pow(2, Math.Min(tries - 1, 20)));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{sink}\n{seq}\n{tries}"), hash);
        var spread = BinaryPrimitives.ReadUInt32LittleEndian(hash) / (double)uint.MaxValue;
        var wait = TimeSpan.FromSeconds(full * (0.5 + (0.5 * spread)));
        return asked is { } longer && longer > wait ? (longer < LongestAsked ? longer : LongestAsked) : wait;
    }
}
