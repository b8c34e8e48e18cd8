using System.CommandLine;
using Workflow.Artifacts;
using Workflow.Dashboard.Api.Reads;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Runs.Acts;

namespace Workflow.Cli;

/// <summary><c>gc</c>: removes files that nothing kept reaches.</summary>
sealed class GcCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only tell what would go" };
        var keep = Duration("--keep", "30d", "Runs younger than this keep all they read and made");
        var grace = Duration("--grace", "1d", "How long unreachable files stay before they go");
        var command = new Command("gc", "Remove files that nothing kept reaches") { dryRun, keep, grace };
        command.SetAction(parse =>
        {
            var paths = context.PathsOf(parse);
            using var ledger = parse.GetValue(dryRun) || !File.Exists(paths.Ledger) ? context.OpenRead(parse) : LedgerDb.Open(paths.Ledger, context.Time);
            var report = GarbageCollector.Collect(ledger, new ArtifactStore(paths), Value(parse, keep), Value(parse, grace), parse.GetValue(dryRun));
            if (!report.DryRun)
            {
                ledger.Write(db => Audit.Add(db, ledger.Time.Micros(), RunRequest.FromUser.Actor, "gc", paths.Root, "on the command line", new { keep = parse.GetValue(keep), grace = parse.GetValue(grace), deleted = report.Deleted, bytes = report.DeletedBytes }));
            }

            if (context.WantsJson(parse))
            {
                context.WriteShape(HomeCounts.Of(report));
                return 0;
            }

            var (marked, gone) = report.DryRun ? ("would be marked", "would go") : ("marked", "gone");
            context.Output.WriteLine($"{report.Doomed} unreachable files {marked} ({HumanText.Bytes(report.DoomedBytes)}), {report.Deleted} {gone} ({HumanText.Bytes(report.DeletedBytes)}), {report.Strays} strays {gone}, {report.Kept} kept.");
            return 0;
        });
        return command;
    }

    static Option<string> Duration(string name, string standard, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "30d|12h|0s", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !Durations.TryParse(token.Value, out _))
            {
                result.AddError($"{name}: found '{token.Value}'; expected a duration such as 30d, 12h or 0s.");
            }
        });
        return option;
    }

    static TimeSpan Value(ParseResult parse, Option<string> option) => Durations.TryParse(parse.GetValue(option)!, out var value) ? value : TimeSpan.Zero;
}
