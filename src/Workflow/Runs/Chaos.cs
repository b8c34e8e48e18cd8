using Workflow.Native;

namespace Workflow.Runs;

/// <summary>
/// Labelled points where a test may kill or stop the process, set by WORKFLOW_CHAOS=<c>label:count:kill|stop</c>: at the count-th passing of the label. One field test when off.
/// </summary>
static class Chaos
{
    /// <summary>Environment variable.</summary>
    public const string Variable = "WORKFLOW_CHAOS";

    static readonly (string Label, int Signal)? Plan = Parse(Environment.GetEnvironmentVariable(Variable), out remaining);
    static int remaining;

    /// <summary>Every label in the order the protocol passes them; tests enumerate these.</summary>
    public static IReadOnlyList<string> Labels { get; } =
    [
        "claim.before", "claim.after", "work.start", "work.end", "seal.after", "intent.after", "publish.before", "publish.after-rename", "publish.after",
        "commit.before", "commit.inside", "commit.after", "views.after",
    ];

    /// <summary>Labels of the recovery of a predecessor's attempts.</summary>
    public static IReadOnlyList<string> RecoveryLabels { get; } = ["recovery.before", "recovery.inside", "recovery.released", "recovery.after"];

    /// <summary>Labels of a checkpoint's way into the ledger.</summary>
    public static IReadOnlyList<string> CheckpointLabels { get; } = ["checkpoint.sealed", "checkpoint.intent", "checkpoint.published", "checkpoint.inside", "checkpoint.after"];

    /// <summary>Labels of a fire time that makes its run.</summary>
    public static IReadOnlyList<string> ScheduleLabels { get; } = ["schedule.planned", "schedule.inside", "schedule.after"];

    /// <summary>A point.</summary>
    public static void Point(string label)
    {
        if (Plan is { } plan && plan.Label == label && Interlocked.Decrement(ref remaining) == 0)
        {
            Console.Error.WriteLine($"chaos: {label}");
            Console.Error.Flush();
            Libc.Raise(plan.Signal);
        }
    }

    static (string, int)? Parse(string? text, out int count)
    {
        count = 0;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Split(':') is not [var label, var number, var action] || !int.TryParse(number, out count) || action is not ("kill" or "stop"))
        {
            throw new WorkflowException($"{Variable}='{text}' is not label:count:kill|stop.", exitCode: 2);
        }

        return (label, action == "kill" ? Libc.SigKill : Libc.SigStop);
    }
}
