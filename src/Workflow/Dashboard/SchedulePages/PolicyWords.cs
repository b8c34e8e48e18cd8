using Workflow.Schedules;

namespace Workflow.Dashboard.SchedulePages;

/// <summary>Policies in words.</summary>
static class PolicyWords
{
    /// <summary>What becomes of fire times that nobody looked at in time.</summary>
    public static string Of(Misfire policy) => policy switch
    {
        Misfire.Skip => "a fire time missed while nobody served makes no run; it is listed",
        Misfire.Once => "of the fire times missed while nobody served the newest makes a run; the others are listed",
        _ => "each fire time missed while nobody served makes its run, oldest first",
    };

    /// <summary>What becomes of a fire time while a run has not ended.</summary>
    public static string Of(Overlap policy) => policy switch
    {
        Overlap.Skip => "while a run has not ended, a fire time is skipped",
        Overlap.QueueOne => "while a run has not ended, one fire time waits for its end; others are skipped",
        Overlap.CancelPrevious => "a run that has not ended is cancelled for the next one",
        _ => "runs may overlap",
    };
}
