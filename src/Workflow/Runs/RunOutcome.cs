namespace Workflow.Runs;

/// <summary>How a run ended.</summary>
/// <param name="RunId">The run.</param>
/// <param name="State">succeeded, partial, failed, cancelled, or interrupted (resume goes on).</param>
/// <param name="Error">Why it failed, for people; null otherwise.</param>
/// <param name="Reused">Nodes whose outputs were there already.</param>
/// <param name="Nodes">All nodes.</param>
public sealed record RunOutcome(string RunId, string State, string? Error, int Reused, int Nodes)
{
    /// <summary>Whether it did what was asked.</summary>
    public bool Succeeded => State == "succeeded";
}
