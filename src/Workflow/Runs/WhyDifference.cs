namespace Workflow.Runs;

/// <summary>One reason why a node could not reuse what was there.</summary>
/// <param name="Field">What differs: "options.temperature", "version", "input documents", "file corpus/a.jsonl", "blob", "none".</param>
/// <param name="Before">Value of the nearest previous key, or null.</param>
/// <param name="After">Value now, or null.</param>
/// <param name="Text">The reason in words.</param>
public sealed record WhyDifference(string Field, string? Before, string? After, string Text);
