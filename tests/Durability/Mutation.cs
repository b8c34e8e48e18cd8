namespace Durability;

/// <summary>A bug that can be seeded, and a schedule that must see it.</summary>
/// <param name="Mutant">Name of the bug.</param>
/// <param name="Trial">The schedule.</param>
public sealed record Mutation(string Mutant, Trial Trial);
