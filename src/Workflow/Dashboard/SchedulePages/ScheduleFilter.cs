using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>Which schedules a list shows.</summary>
/// <param name="Text">A part of the key, the cron expression, the data set, the zone, the file or the reason of a pause. Case does not count.</param>
/// <param name="State">active, paused, ended, withdrawn; empty for all that are not withdrawn.</param>
/// <param name="Paging">Which part of the list.</param>
public sealed record ScheduleFilter(string Text, string State, Paging Paging)
{
    /// <summary>States to choose from.</summary>
    public static IReadOnlyList<string> States { get; } = ["active", "paused", "ended", "withdrawn"];

    /// <summary>What a request asks for: <c>q</c>, <c>state</c>, <c>after</c>, <c>size</c>.</summary>
    public static ScheduleFilter Of(HttpRequest request) =>
        new(request.Query["q"].ToString().Trim(), States.FirstOrDefault(s => s == request.Query["state"]) ?? "", Paging.Of(request));

    /// <summary>The same as parameters of an address.</summary>
    public IReadOnlyList<(string Name, object? Value)> Fields => [("q", Text), ("state", State)];
}
