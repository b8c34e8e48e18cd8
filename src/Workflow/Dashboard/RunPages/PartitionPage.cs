using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.RunPages;

/// <summary>A page of a stage's partitions.</summary>
/// <param name="State">Of this state only; empty for all.</param>
/// <param name="Paging">Which part.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Next">Cursor of the next page, or null.</param>
public sealed record PartitionPage(string State, Paging Paging, IReadOnlyList<PartitionRow> Rows, string? Next);
