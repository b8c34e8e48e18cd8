using System.CommandLine;

namespace Workflow.Cli;

/// <summary><c>workers</c>: the processes that execute a home's stages.</summary>
sealed class WorkersCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var command = new Command("workers", "List the processes that execute stages");
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var workers = await reads.WorkersAsync(cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(workers);
                return 0;
            }

            if (workers.Count == 0)
            {
                context.Output.WriteLine("Nobody executes here: `workflow serve` would.");
                return 0;
            }

            var table = new TextTable("worker", "role", "host", "pid", "queues", "state", "started (UTC)", "seen (UTC)", "running").Right(3, 8);
            foreach (var worker in workers)
            {
                table.Add(worker.Worker, worker.Role, worker.Host, worker.Pid.ToString(), string.Join(',', worker.Queues), worker.State, HumanText.Stamp(worker.Started), HumanText.Stamp(worker.Seen), worker.Running.ToString());
            }

            table.Write(context.Output);
            return 0;
        });
        return command;
    }
}
