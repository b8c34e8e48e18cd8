namespace Workflow.Dashboard.StatePages;

/// <summary>How fast something goes.</summary>
static class Pace
{
    /// <summary>Time left at the pace so far; null where nothing was done yet, or the end is not known.</summary>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all; 0 unknown.</param>
    /// <param name="resumed">Units that were done when the time began.</param>
    /// <param name="took">Time since.</param>
    public static TimeSpan? Left(long done, long total, long resumed, TimeSpan took)
    {
        var fresh = resumed < done ? done - resumed : done;
        return fresh > 0 && total > done && took > TimeSpan.Zero ? TimeSpan.FromSeconds(Math.Min(1e9, took.TotalSeconds / fresh * (total - done))) : null;
    }
}
