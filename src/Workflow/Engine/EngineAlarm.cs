namespace Workflow.Engine;

/// <summary>A ring that is to come.</summary>
/// <param name="Key">Its key; each key has at most one alarm.</param>
/// <param name="Due">When it rings, to the millisecond.</param>
public sealed record EngineAlarm(string Key, DateTimeOffset Due);
