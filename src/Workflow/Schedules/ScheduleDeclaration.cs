namespace Workflow.Schedules;

/// <summary>What declaring job files changed.</summary>
/// <param name="Keys">Schedules that are declared now, in the order of files.</param>
/// <param name="Changed">Those that are new or differ from before.</param>
/// <param name="Withdrawn">Those that were declared before and are no longer.</param>
/// <param name="Problems">Files that could not be declared, and why; their schedules stay as they were.</param>
public sealed record ScheduleDeclaration(IReadOnlyList<string> Keys, IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn, IReadOnlyList<string> Problems);
