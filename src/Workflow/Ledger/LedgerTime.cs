namespace Workflow.Ledger;

/// <summary>Times and ids of the ledger.</summary>
public static class LedgerTime
{
    /// <summary>Microseconds since 1970 (UTC) now.</summary>
    public static long Micros(this TimeProvider time) => time.GetUtcNow().Micros();

    /// <summary>Microseconds from 1970 (UTC) to a time.</summary>
    public static long Micros(this DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The time of a stored value.</summary>
    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>A new id (UUIDv7): sorts by the given clock, its random bits come from the system's generator.</summary>
    public static string NewId(this TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString();
}
