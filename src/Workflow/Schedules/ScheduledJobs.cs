using DataPrep;
using Workflow.Jobs;
using Workflow.Runs;
using Workflow.Stages;

namespace Workflow.Schedules;

/// <summary>Reads the job file of a schedule.</summary>
/// <param name="file">The job file.</param>
/// <param name="sets"><c>--set</c> arguments.</param>
/// <param name="folder">Folder that their paths start from.</param>
/// <param name="schedule">Schedule whose <c>set:</c> applies; null reads the job as it stands.</param>
public delegate JobReading ScheduledJobReader(string file, IReadOnlyList<string> sets, string folder, string? schedule);

/// <summary>Plans the runs of schedules from their job files as these are now.</summary>
static class ScheduledJobs
{
    /// <summary>Reads job files over a table of stages.</summary>
    public static ScheduledJobReader Over(StageTable table) => (file, sets, folder, schedule) => JobFileReader.Read(file, table, sets, folder, schedule);

    /// <summary>The plan of a run, or why there is none. Files are hashed: call it outside of transactions.</summary>
    public static ScheduledPlan Plan(ScheduleRow row, ScheduledJobReader reader)
    {
        try
        {
            var spec = reader(row.File, row.Sets, row.Folder, row.Name).Require();
            return spec.Name == row.Job
                ? new ScheduledPlan(spec, RunPlanner.Plan(spec), null)
                : new ScheduledPlan(null, [], $"{row.File} now declares the job '{spec.Name}', not '{row.Job}'. Declare it again: workflow schedule add {row.File}");
        }
        catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException or UnauthorizedAccessException)
        {
            return new ScheduledPlan(null, [], fault.Message.Length <= 4000 ? fault.Message : fault.Message[..4000]);
        }
    }
}

/// <summary>A planned run, or why there is none.</summary>
sealed record ScheduledPlan(JobSpec? Job, IReadOnlyList<PlannedNode> Nodes, string? Fault);
