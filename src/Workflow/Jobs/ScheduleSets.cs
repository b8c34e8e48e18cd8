namespace Workflow.Jobs;

/// <summary>A schedule's <c>set:</c>, parameters and paths of the job that its runs have otherwise.</summary>
static class ScheduleSets
{
    /// <summary>What a schedule may not replace: it is part of a job that has one name and one set of schedules.</summary>
    static readonly string[] own = ["job", "description", "parameters", "datasets", "schedules"];

    /// <summary>Names of the schedules that have one.</summary>
    public static IReadOnlyList<string> Of(JobMap job) =>
        [.. (job.Find("schedules") as JobMap)?.Entries.Where(e => (e.Value as JobMap)?.Find("set") is JobMap { Entries.Count: > 0 }).Select(e => e.Key.Text) ?? []];

    /// <summary>Applies the one of a schedule; null applies none.</summary>
    public static void Apply(string? schedule, JobMap job, JobParameters parameters, FaultList faults)
    {
        if (schedule is null)
        {
            return;
        }

        if (job.Find("schedules") is not JobMap schedules || schedules.Find(schedule) is not { } found)
        {
            faults.Unknown(job.Mark, "schedules", "schedule", schedule, [.. (job.Find("schedules") as JobMap)?.Entries.Select(e => e.Key.Text) ?? []]);
            return;
        }

        string[] allowed = [.. JobChecker.TopKeys.Except(own)];
        foreach (var (key, value) in ((found as JobMap)?.Find("set") as JobMap)?.Entries ?? [])
        {
            if (parameters.Known.Contains(key.Text))
            {
                parameters.Set(key.Text, value);
            }
            else if (own.Contains(key.Text.Split('.')[0]))
            {
                faults.Add(key, $"schedules.{schedule}.set.{key.Text}", $"cannot be replaced by a schedule; expected a parameter or a path below {string.Join(", ", allowed)}.");
            }
            else
            {
                SetArguments.Place(job, key.Text, value, parameters, allowed, faults);
            }
        }
    }
}
