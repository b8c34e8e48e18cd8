using System.Text.RegularExpressions;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.AuditPages;

/// <summary>Where the target of an act can be looked at.</summary>
static partial class AuditTarget
{
    /// <summary>Address of its page, or null where it has none.</summary>
    public static string? Link(string action, string target)
    {
        if (Run().Match(target) is { Success: true } run)
        {
            return run.Groups["node"].Success ? Address.Node(run.Groups["run"].Value, run.Groups["node"].Value) : action.StartsWith("bulk.", StringComparison.Ordinal) ? $"/bulk/{Uri.EscapeDataString(target)}" : Address.Run(target);
        }

        return action switch
        {
            _ when Hash().IsMatch(target) => Address.Artifact(target),
            _ when action.StartsWith("schedule.", StringComparison.Ordinal) && target.Split('/') is [{ Length: > 0 } job, { Length: > 0 } name] => $"/schedules/{Uri.EscapeDataString(job)}/{Uri.EscapeDataString(name)}",
            _ when action.StartsWith("queue.", StringComparison.Ordinal) => "/jobs/enqueued",
            _ => null,
        };
    }

    /// <summary>How a target is written: of a run, or of a node of one, the end of its id tells them apart.</summary>
    public static string Short(string target) => Run().Match(target) is { Success: true } run ? Format.Short(run.Groups["run"].Value) + (run.Groups["node"].Success ? $"/{run.Groups["node"].Value}" : "")
        : Hash().IsMatch(target) ? Format.Short(target) : target;

    [GeneratedRegex(@"^(?<run>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/(?<node>.+))?\z", RegexOptions.Singleline)]
    private static partial Regex Run();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Hash();
}
