namespace Durability;

/// <summary>Under what a schedule is tried.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Mutant">The bug that is seeded; null is the protocol as written.</param>
public sealed record Setting(string Engine, string? Mutant = null);
