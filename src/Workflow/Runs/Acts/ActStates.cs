namespace Workflow.Runs.Acts;

/// <summary>Which states allow which act: what pages offer, and what the acts themselves ask for again.</summary>
public static class ActStates
{
    /// <summary>Acts on nodes.</summary>
    public static IReadOnlyList<string> NodeActs { get; } = ["requeue", "enqueue", "delete"];

    /// <summary>Acts on runs that may be done to many.</summary>
    public static IReadOnlyList<string> RunActs { get; } = ["resume", "cancel"];

    /// <summary>States of a node that allow an act: <c>requeue</c>, <c>enqueue</c>, <c>delete</c>.</summary>
    public static IReadOnlyList<string> OfNode(string act) => act switch
    {
        "requeue" => ["failed", "cancelled", "skipped", "retry_wait", "running", "succeeded", "reused"],
        "enqueue" => ["retry_wait"],
        "delete" => ["waiting", "ready", "retry_wait", "running", "failed"],
        _ => [],
    };

    /// <summary>States of a run that allow an act: <c>cancel</c>, <c>resume</c>, <c>restart</c>, <c>prioritize</c>.</summary>
    public static IReadOnlyList<string> OfRun(string act) => act switch
    {
        "cancel" or "prioritize" => ["queued", "running", "interrupted"],
        "resume" => ["interrupted", "partial", "failed", "cancelled"],
        "restart" => ["queued", "running", "interrupted", "succeeded", "partial", "failed", "cancelled"],
        _ => [],
    };

    /// <summary>Whether a node in a state allows an act.</summary>
    public static bool Node(string act, string state) => OfNode(act).Contains(state);

    /// <summary>Whether a run in a state allows an act.</summary>
    public static bool Run(string act, string state) => OfRun(act).Contains(state);
}
