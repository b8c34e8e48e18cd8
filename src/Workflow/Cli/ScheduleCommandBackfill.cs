using System.CommandLine;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary><c>schedule backfill KEY --from --to</c>: one run per nominal time of a range.</summary>
sealed class ScheduleCommandBackfill(CliContext context)
{
    public Command Backfill()
    {
        var (key, reason) = (ScheduleCommand.Key(), ScheduleCommand.Reason(required: false));
        var from = new Option<string>("--from") { Description = "First time, in the schedule's zone", HelpName = "TIME", Required = true };
        var to = new Option<string>("--to") { Description = "First time after the range", HelpName = "TIME", Required = true };
        var parallel = new Option<int>("--parallel") { Description = "Runs that may be unfinished at a time", DefaultValueFactory = _ => 1 };
        var dry = new Option<bool>("--dry-run") { Description = "Show the nominal times and change nothing" };
        var command = new Command("backfill", "Make one run per nominal time of a range; repeated, only what is missing") { key, from, to, parallel, dry, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var ask = new BackfillBody(parse.GetValue(from)!, parse.GetValue(to)!, parse.GetValue(parallel), parse.GetValue(dry), parse.GetValue(reason));
            using var server = context.Remote(parse);
            using var ledger = server is null ? context.OpenExisting(parse) : null;
            var (row, answer) = server is null ? Here(ledger!, parse.GetValue(key)!, ask) : await ThereAsync(server, parse.GetValue(key)!, ask, cancellationToken);
            if (answer.Times is { } times)
            {
                return Dry(parse, row, times);
            }

            var backfill = answer.Backfill!;
            if (context.WantsJson(parse))
            {
                context.WriteShape(backfill);
            }
            else
            {
                context.Output.WriteLine($"Backfill {backfill.Backfill}: {HumanText.Count(backfill.Total)} nominal times of {row.Schedule}, {backfill.Parallel} at a time. `workflow schedule show {row.Schedule}` follows it.");
            }

            if (server is null)
            {
                context.TellUnserved(parse, "executes it");
            }

            return 0;
        });
        return command;
    }

    /// <summary>Asks for a backfill in a ledger of this machine, or for its nominal times alone.</summary>
    /// <exception cref="WorkflowException">A time is none, or the range has no nominal time.</exception>
    public static BackfillAnswer Fill(ScheduleControl control, ScheduleRow row, BackfillBody ask, string actor)
    {
        var (first, end) = (Time(ask.From, "--from", row), Time(ask.To, "--to", row));
        if (ask.DryRun)
        {
            return new BackfillAnswer(null, [.. control.BackfillTimes(row.Key, first, end).Select(t => new BackfillTime(t.Nominal, t.RunId))]);
        }

        return ask.Parallel is < 1 or > 1000
            ? throw new WorkflowException($"--parallel: found {ask.Parallel}; expected 1 to 1000.", exitCode: 2)
            : new BackfillAnswer(ScheduleItems.Of(control.Backfill(row.Key, first, end, ask.Parallel, actor, ask.Reason), 0, 0), null);
    }

    (ScheduleItem Row, BackfillAnswer Answer) Here(LedgerDb ledger, string name, BackfillBody ask)
    {
        var row = ledger.Read(db => ScheduleRows.Resolve(db, name));
        var answer = Fill(new ScheduleControl(ledger, new History(context.Time), ScheduledJobs.Over(context.Stages)), row, ask, RunRequest.FromUser.Actor);
        return (ScheduleItems.Of(ledger.Read(db => ScheduleQueries.Schedules(db, false)).Find(s => s.Row.Key == row.Key)!), answer);
    }

    static async Task<(ScheduleItem Row, BackfillAnswer Answer)> ThereAsync(RemoteServer server, string name, BackfillBody ask, CancellationToken cancellationToken)
    {
        var row = await server.GetAsync<ScheduleItem>($"schedules/find?name={Uri.EscapeDataString(name)}&ticks=0", cancellationToken);
        return (row, await server.PostAsync<BackfillAnswer>($"{await RemoteReads.ScheduleAddressAsync(server, name, cancellationToken)}/backfill", ask, cancellationToken));
    }

    int Dry(ParseResult parse, ScheduleItem row, IReadOnlyList<BackfillTime> times)
    {
        if (context.WantsJson(parse))
        {
            context.WriteShape(times);
            return 0;
        }

        foreach (var (nominal, run) in times)
        {
            context.Output.WriteLine($"{ScheduleCommandReads.Local(row, nominal)}  {(run is null ? "would run" : $"has run {run}")}");
        }

        context.Output.WriteLine($"{HumanText.Count(times.Count(t => t.Run is null))} of {HumanText.Count(times.Count)} would run.");
        return 0;
    }

    static DateTimeOffset Time(string text, string option, ScheduleRow row) =>
        ZonedTime.Parse(text, ZoneClock.Of(row.Zone)) ?? throw new WorkflowException($"{option}: found '{text}'; expected {ZonedTime.Expected}.", exitCode: 2);
}
