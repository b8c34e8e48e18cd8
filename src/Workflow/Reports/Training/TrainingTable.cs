namespace Workflow.Reports.Training;

/// <summary>The numbers of a picture.</summary>
/// <param name="Caption">What they are.</param>
/// <param name="Columns">Headings; the first is the step's.</param>
/// <param name="Rows">Cells as text.</param>
public sealed record TrainingTable(string Caption, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
