namespace Workflow.Outside;

/// <summary>An exporter of telemetry that listens to the history.</summary>
interface IOutsideExport : IDisposable
{
    /// <summary>Those to tell the history to.</summary>
    IReadOnlyList<IHistoryListener> Listeners { get; }

    /// <summary>Sends what is left, for at most so long.</summary>
    void Flush(TimeSpan limit);
}
