using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>A schedule in the list.</summary>
/// <param name="Summary">The schedule.</param>
/// <param name="Fault">Why its newest fire time could not make a run; null where it could.</param>
public sealed record ScheduleLine(ScheduleSummary Summary, string? Fault);
