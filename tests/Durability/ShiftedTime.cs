namespace Durability;

/// <summary>A wall clock that starts where a test says and is set forward and back; timers and the monotonic clock are the machine's.</summary>
sealed class ShiftedTime(DateTimeOffset start) : TimeProvider
{
    readonly long origin = System.GetTimestamp();
    long shift;

    /// <summary>Sets the clock.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref shift, by.Ticks);

    public override DateTimeOffset GetUtcNow() => start + System.GetElapsedTime(origin) + TimeSpan.FromTicks(Volatile.Read(ref shift));
}
