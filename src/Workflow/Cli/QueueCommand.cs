using System.CommandLine;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Runs;
using Workflow.Runs.Acts;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary><c>queue</c>: the slot classes that nodes wait for, and pauses of them. All of it works on the ledger, whether somebody serves or not.</summary>
sealed class QueueCommand : ICliCommand
{
    public Command Build(CliContext context) => new("queue", "Queues of work: list, pause, resume") { List(context), Pause(context), Resume(context) };

    static Argument<string> Queue() => new("QUEUE") { Description = "Slot class, such as cpu or gpu" };

    static Command List(CliContext context)
    {
        var command = new Command("list", "List queues with what waits in them, what is taken, and which are paused");
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var rows = await reads.QueuesAsync(cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(rows);
                return 0;
            }

            if (rows.Count == 0)
            {
                context.Output.WriteLine("Nothing has run in this home yet: `workflow run JOB.yaml` starts a job, `workflow serve` serves the home.");
                return 0;
            }

            var table = new TextTable("queue", "state", "ready", "busy", "slots", "until (UTC)", "by", "reason").Right(2).Right(3).Right(4);
            foreach (var row in rows)
            {
                table.Add(row.Queue, row.State, HumanText.Count(row.Ready), HumanText.Count(row.Busy), HumanText.Count(row.Slots), row.Until is { } until ? HumanText.Stamp(until) : "", row.By ?? "", row.Reason ?? "");
            }

            table.Write(context.Output);
            return 0;
        });
        return command;
    }

    static Command Pause(CliContext context)
    {
        var (queue, reason) = (Queue(), ScheduleCommand.Reason(required: true));
        var until = new Option<string?>("--until") { Description = "When it goes on by itself: a time in UTC, or a length such as 12h", HelpName = "TIME" };
        var command = new Command("pause", "Let nothing new of a queue start, with a reason; what runs goes on") { queue, reason, until };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var end = PauseEnd.Parse(parse.GetValue(until), ZoneClock.Of("UTC"), context.Time.GetUtcNow(), "--until");
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                return Tell(context, parse, await server.PostAsync<QueueItem>($"queues/{RemoteServer.Segment(parse.GetValue(queue)!)}/pause", new PauseBody(parse.GetValue(reason), end), cancellationToken));
            }

            using var ledger = context.OpenExisting(parse);
            return Tell(context, parse, QueueItems.Of(new QueueActs(ledger).Pause(parse.GetValue(queue)!, RunRequest.FromUser.Actor, parse.GetValue(reason)!, end)));
        });
        return command;
    }

    static Command Resume(CliContext context)
    {
        var (queue, reason) = (Queue(), ScheduleCommand.Reason(required: false));
        var command = new Command("resume", "End the pause of a queue") { queue, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                return Tell(context, parse, await server.PostAsync<QueueItem>($"queues/{RemoteServer.Segment(parse.GetValue(queue)!)}/resume", new ActBody(parse.GetValue(reason)), cancellationToken));
            }

            using var ledger = context.OpenExisting(parse);
            return Tell(context, parse, QueueItems.Of(new QueueActs(ledger).Resume(parse.GetValue(queue)!, RunRequest.FromUser.Actor, parse.GetValue(reason))));
        });
        return command;
    }

    static int Tell(CliContext context, ParseResult parse, QueueItem row)
    {
        if (context.WantsJson(parse))
        {
            context.WriteShape(row);
        }
        else
        {
            context.Output.WriteLine($"{row.Queue}: {row.State}{(row.Until is { } until ? $" until {HumanText.Stamp(until)} UTC" : "")}{(row.Ready > 0 ? $", {HumanText.Count(row.Ready)} ready" : "")}");
        }

        return 0;
    }
}
