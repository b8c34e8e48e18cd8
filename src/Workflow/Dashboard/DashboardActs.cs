using Workflow.Dashboard.SearchPages;

namespace Workflow.Dashboard;

/// <summary>What people may do at the dashboard. A property that is null is only looked at: its buttons are not shown and its posts refused.</summary>
public sealed record DashboardActs
{
    /// <summary>Nothing: a dashboard for looking only.</summary>
    public static DashboardActs None { get; } = new();

    /// <summary>Acts on runs.</summary>
    public IRunActions? Runs { get; init; }

    /// <summary>Acts on nodes.</summary>
    public INodeActions? Nodes { get; init; }

    /// <summary>Acts on queues.</summary>
    public IQueueActions? Queues { get; init; }

    /// <summary>Acts on schedules.</summary>
    public IScheduleActions? Schedules { get; init; }

    /// <summary>Acts over many at once.</summary>
    public IBulkActions? Bulk { get; init; }

    /// <summary>Saved searches and filters.</summary>
    public ISavedFilters? Filters { get; init; }

    /// <summary>Pins, and collecting garbage.</summary>
    public IStorageActions? Storage { get; init; }
}
