namespace Workflow.Runs;

/// <summary>Who asks for a run and why.</summary>
/// <param name="Actor">Name of a person or schedule.</param>
/// <param name="Trigger">manual, cron, backfill, api, upstream.</param>
/// <param name="Reason">Free text or null.</param>
/// <param name="RunId">The id it is to have; null makes one.</param>
public sealed record RunRequest(string Actor, string Trigger = "manual", string? Reason = null, string? RunId = null)
{
    /// <summary>The user of this process, on the command line.</summary>
    public static RunRequest FromUser => new(Environment.UserName);
}
