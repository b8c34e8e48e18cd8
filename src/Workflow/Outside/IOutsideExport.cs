namespace Workflow.Outside;

/// <summary>An exporter of telemetry that listens to the history; disposing sends what is left, for a few seconds at most.</summary>
interface IOutsideExport : IDisposable
{
    /// <summary>Those to tell the history to.</summary>
    IReadOnlyList<IHistoryListener> Listeners { get; }
}
