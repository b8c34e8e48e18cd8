using System.Collections.Concurrent;

namespace Workflow.Engine;

/// <summary>Quartz's own log: errors only, each at most once a minute, and each a reason to look at the store.</summary>
sealed class QuartzLog(TimeProvider time, Action<string> log, Action onError) : ILoggerProvider, ILogger
{
    readonly ConcurrentDictionary<string, long> said = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        // Its messages hold whole stack traces.
        var text = formatter(state, exception).Split('\n', 2)[0].TrimEnd() + (exception is null ? "" : $" ({exception.GetBaseException().Message})");
        var now = time.GetTimestamp();
        if (!said.TryGetValue(text, out var last) || time.GetElapsedTime(last, now) > TimeSpan.FromMinutes(1))
        {
            said[text] = now;
            log($"Quartz: {text}");
        }

        onError();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
