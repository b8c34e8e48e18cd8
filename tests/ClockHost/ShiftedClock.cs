using System.Globalization;

namespace ClockHost;

/// <summary>The machine's clock with its wall time moved by what a file says; timers and the monotonic clock go on as they are, as they do when an operator sets the time.</summary>
public sealed class ShiftedClock(string file) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(double.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override long GetTimestamp() => System.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, dueTime, period);
}
