using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary><c>schedule add</c>, <c>remove</c>, <c>pause</c>, <c>resume</c>, <c>trigger</c>: each with its line in the audit.</summary>
sealed class ScheduleCommandActs(CliContext context)
{
    readonly Option<string?> until = new("--until") { Description = "When it goes on by itself: a time in its zone, an instant, or a length such as 12h", HelpName = "TIME" };

    public Command Add()
    {
        var (job, sets) = (JobArguments.Job(), JobArguments.Set());
        var command = new Command("add", "Declare the schedules of a job file; adding it again takes up what changed") { job, sets };
        command.SetAction(parse =>
        {
            using var ledger = LedgerDb.Open(context.PathsOf(parse).Ledger, context.Time);
            var declared = new ScheduleDeclarations(ledger, ScheduledJobs.Over(context.Stages)).Add(context.PathOf(parse.GetValue(job)!), parse.GetValue(sets) ?? [], context.CurrentFolder, RunRequest.FromUser.Actor);
            var rows = ledger.Read(db => ScheduleQueries.Schedules(db, false)).FindAll(s => declared.Keys.Contains(s.Row.Key));
            if (context.WantsJson(parse))
            {
                context.WriteShape(rows.ConvertAll(ScheduleItems.Of));
                return 0;
            }

            foreach (var row in rows.Select(s => s.Row))
            {
                var next = row.Paused is { } reason ? $"paused: {reason}" : row.Cron is null ? ScheduleQueries.Words(row) : row.Next is null ? "no fire time is left" : $"next {ScheduleItems.Local(row.Zone, row.Next)}";
                context.Output.WriteLine($"{row.Key}: {(declared.Changed.Contains(row.Key) ? "declared" : "unchanged")}, {next}");
            }

            foreach (var gone in declared.Withdrawn)
            {
                context.Output.WriteLine($"{gone}: withdrawn, the file no longer declares it");
            }

            context.TellUnserved(parse, "runs what comes due");

            return 0;
        });
        return command;
    }

    public Command Remove() => Act("remove", "End a schedule; its history stays", required: false, (control, _, key, reason) => control.Remove(key, RunRequest.FromUser.Actor, reason));

    public Command Pause()
    {
        var command = Act("pause", "Stop a schedule from firing, with a reason", required: true, (control, parse, key, reason) =>
            control.Pause(key, RunRequest.FromUser.Actor, reason!, row => PauseEnd.Parse(parse.GetValue(until), ZoneClock.Of(row.Zone), context.Time.GetUtcNow(), "--until")));
        command.Add(until);
        return command;
    }

    public Command Resume() => Act("resume", "Let a paused schedule fire again, from now on", required: false, (control, _, key, reason) => control.Resume(key, RunRequest.FromUser.Actor, reason));

    public Command Trigger()
    {
        var (key, reason) = (ScheduleCommand.Key(), ScheduleCommand.Reason(required: false));
        var command = new Command("trigger", "Make a run now, paused or not") { key, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var server = context.Remote(parse);
            string run;
            if (server is not null)
            {
                run = (await server.PostAsync<AskedRun>($"{await RemoteReads.ScheduleAddressAsync(server, parse.GetValue(key)!, cancellationToken)}/trigger", new ActBody(parse.GetValue(reason)), cancellationToken)).Run;
            }
            else
            {
                using var ledger = context.OpenExisting(parse);
                run = Control(ledger).Trigger(parse.GetValue(key)!, RunRequest.FromUser.Actor, parse.GetValue(reason));
            }

            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["run"] = run });
            }
            else
            {
                context.Output.WriteLine($"Run {run}: queued");
            }

            if (server is null)
            {
                context.TellUnserved(parse, "executes it");
            }

            return 0;
        });
        return command;
    }

    Command Act(string name, string description, bool required, Func<ScheduleControl, ParseResult, string, string?, ScheduleRow> act)
    {
        var (key, reason) = (ScheduleCommand.Key(), ScheduleCommand.Reason(required));
        var command = new Command(name, description) { key, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            ScheduleItem row;
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                row = await RemoteAsync(server, parse, parse.GetValue(key)!, name, parse.GetValue(reason), cancellationToken);
            }
            else
            {
                using var ledger = context.OpenExisting(parse);
                var changed = act(Control(ledger), parse, parse.GetValue(key)!, parse.GetValue(reason));
                row = ScheduleItems.Of(ledger.Read(db => ScheduleQueries.Schedules(db, true)).Find(s => s.Row.Key == changed.Key)!);
                if (name == "remove" && ScheduleControl.Returns(changed) is { } returns)
                {
                    await context.Error.WriteLineAsync(returns);
                }
            }

            if (context.WantsJson(parse))
            {
                context.WriteShape(row);
            }
            else
            {
                var until = row.PausedUntil is { } end && row.State == "paused" ? $" until {ScheduleItems.Local(row.Zone, end)}" : "";
                context.Output.WriteLine($"{row.Schedule}: {row.State}{until}{(row.State == "active" && row.Next is not null ? $", next {ScheduleCommandReads.Local(row, row.Next)}" : "")}");
            }

            return 0;
        });
        return command;
    }

    async Task<ScheduleItem> RemoteAsync(RemoteServer server, ParseResult parse, string key, string name, string? reason, CancellationToken cancellationToken)
    {
        var address = $"{await RemoteReads.ScheduleAddressAsync(server, key, cancellationToken)}/{name}";
        if (name != "pause")
        {
            return await server.PostAsync<ScheduleItem>(address, new ActBody(reason), cancellationToken);
        }

        var zone = (await server.GetAsync<ScheduleItem>($"schedules/find?name={Uri.EscapeDataString(key)}&ticks=0", cancellationToken)).Zone;
        return await server.PostAsync<ScheduleItem>(address, new PauseBody(reason, PauseEnd.Parse(parse.GetValue(until), ZoneClock.Of(zone), context.Time.GetUtcNow(), "--until")), cancellationToken);
    }

    ScheduleControl Control(LedgerDb ledger) => new(ledger, new History(context.Time), ScheduledJobs.Over(context.Stages));
}
