namespace Durability;

/// <summary>One schedule of faults: what happens when, written out, and how it is played.</summary>
/// <param name="Name">The schedule in words; equal words, equal schedule.</param>
/// <param name="PlayAsync">Plays it in a home of its own and judges what is left.</param>
public sealed record Trial(string Name, Func<Setting, CancellationToken, Task<Findings>> PlayAsync);
