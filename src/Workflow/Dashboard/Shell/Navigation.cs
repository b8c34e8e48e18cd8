using Workflow.Dashboard.Access;

namespace Workflow.Dashboard.Shell;

/// <summary>A place in the top bar.</summary>
/// <param name="Name">Its name; pages say it as their place.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Counter">Names of the counters shown beside it, with spaces between; or null.</param>
/// <param name="Needs">Who sees it.</param>
sealed record NavigationItem(string Name, string Address, string? Counter = null, Role Needs = Role.Viewer);

/// <summary>The top bar: what people look at every day, and behind "More" what they look up.</summary>
static class Navigation
{
    /// <summary>In the bar.</summary>
    public static IReadOnlyList<NavigationItem> Bar { get; } =
    [
        new("Overview", "/"), new("Runs", "/runs"), new("Jobs", "/jobs/enqueued", "enqueued:count-or-null failed:count-or-null"), new("Retries", "/retries", "retries:count"), new("Schedules", "/schedules", "recurring:count"), new("Training", "/training"),
        new("Data", "/datasets"), new("Servers", "/servers", "servers:count"),
    ];

    /// <summary>Behind "More".</summary>
    public static IReadOnlyList<NavigationItem> More { get; } =
    [
        new("Compare runs", "/diff"), new("Cache", "/cache"), new("Storage", "/storage"), new("Bulk acts", "/bulk"), new("Health", "/health"), new("Audit", "/audit"), new("Accounts", "/accounts", Needs: Role.Admin),
    ];
}
