namespace Workflow.Runs;

/// <summary>States of a run.</summary>
public static class RunStates
{
    /// <summary>States a run ends in: <c>succeeded</c>; <c>partial</c> (a partition failed for good while others of its stage committed); <c>failed</c>; <c>cancelled</c>. Each but the first can be resumed.</summary>
    public static IReadOnlyList<string> Ends { get; } = ["succeeded", "partial", "failed", "cancelled"];

    /// <summary>The same for an SQL <c>IN</c>.</summary>
    internal const string EndsSql = "('succeeded','partial','failed','cancelled')";

    /// <summary>Whether a run in this state has ended.</summary>
    public static bool Ended(string state) => Ends.Contains(state);
}
