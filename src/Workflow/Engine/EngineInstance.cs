namespace Workflow.Engine;

/// <summary>A live scheduler behind an engine.</summary>
/// <param name="Id">Its id in the engine's store: the same after a restart.</param>
/// <param name="Host">Machine.</param>
/// <param name="Pid">Process.</param>
/// <param name="Since">When it started.</param>
/// <param name="Seen">When it last reached its store.</param>
public sealed record EngineInstance(string Id, string Host, long Pid, DateTimeOffset Since, DateTimeOffset Seen);
