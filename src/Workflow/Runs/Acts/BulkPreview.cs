namespace Workflow.Runs.Acts;

/// <summary>What a bulk act would be done to.</summary>
/// <param name="Count">How many, exactly.</param>
/// <param name="Rows">The first of them.</param>
public sealed record BulkPreview(long Count, IReadOnlyList<BulkTarget> Rows);
