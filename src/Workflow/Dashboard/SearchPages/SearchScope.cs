namespace Workflow.Dashboard.SearchPages;

/// <summary>A kind of thing that can be searched.</summary>
/// <param name="Name">As addresses say it.</param>
/// <param name="Title">As pages say it.</param>
/// <param name="Fill">What would be found there.</param>
public sealed record SearchScope(string Name, string Title, string Fill)
{
    /// <summary>All, in the order of a page.</summary>
    public static IReadOnlyList<SearchScope> All { get; } =
    [
        new("run", "Runs", "a job's name, a run's id, its description, who asked for it and why, and how it failed"),
        new("stage", "Stages", "a stage's name, its kind and its job"),
        new("error", "Errors", "what an attempt of a stage or partition said when it failed"),
        new("parameter", "Parameters", "options of stages, their names and values"),
        new("schedule", "Schedules", "a schedule's name, file, zone, and why it was paused"),
        new("artifact", "Artifacts", "the beginning of an artifact's id, or its kind"),
        new("audit", "Audit", "what people did, to what, and why"),
    ];
}
