namespace Workflow.Engine;

/// <summary>One ring of the doorbell.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Key">A run's id, or the key of an alarm.</param>
public readonly record struct EngineRing(RingKind Kind, string Key);
