using System.CommandLine;

namespace Workflow.Cli;

/// <summary><c>schedule</c>: when jobs run by themselves. All of it works on the ledger, whether somebody serves or not.</summary>
sealed class ScheduleCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var (reads, acts, fills) = (new ScheduleCommandReads(context), new ScheduleCommandActs(context), new ScheduleCommandBackfill(context));
        return new Command("schedule", "When jobs run by themselves: list, add, pause, trigger, fill the past")
        {
            reads.List(), reads.Show(), reads.Next(), acts.Add(), acts.Remove(), acts.Pause(), acts.Resume(), acts.Trigger(), fills.Backfill(),
        };
    }

    /// <summary>The schedule that a subcommand is about.</summary>
    public static Argument<string> Key() => new("KEY") { Description = "JOB/NAME, or JOB or NAME alone where only one schedule has it" };

    /// <summary>A reason for the audit.</summary>
    public static Option<string> Reason(bool required) => new("--reason") { Description = required ? "Why, for whoever finds it paused" : "Why, for the audit", HelpName = "TEXT", Required = required };
}
