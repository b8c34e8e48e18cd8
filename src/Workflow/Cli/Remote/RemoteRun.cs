using System.CommandLine;
using DataPrep;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Runs;

namespace Workflow.Cli.Remote;

/// <summary>Follows a run that a server executes, shown as if it ran here.</summary>
static class RemoteRun
{
    /// <summary>Follows it to its end and tells how it ended; 0 where it succeeded, else 1.</summary>
    public static async Task<int> FollowAsync(CliContext context, ParseResult parse, RemoteServer server, AskedRun asked, CancellationToken cancellationToken)
    {
        var observer = context.Observer();
        try
        {
            await foreach (var item in server.LinesAsync<ProgressItem>($"runs/{RemoteServer.Segment(asked.Run)}/progress?after={asked.After}", cancellationToken))
            {
                Tell(observer, asked.Run, item);
            }
        }
        catch (OperationCanceledException)
        {
            await context.Error.WriteLineAsync($"The run goes on at {server.Name}: `workflow logs --follow {asked.Run}` follows it, `workflow cancel {asked.Run}` stops it.");
            throw;
        }

        var run = await server.GetAsync<RunView>($"runs/{RemoteServer.Segment(asked.Run)}", cancellationToken);
        return run.IsOver ? await RunEnd.TellAsync(context, parse, run, run.Error)
            : throw new WorkflowException($"The server {server.Name} stopped telling of run {asked.Run} before its end. `workflow logs --follow {asked.Run}` follows it again.");
    }

    static void Tell(IRunObserver observer, string run, ProgressItem item)
    {
        var node = item.Node ?? "";
        switch (item.Type)
        {
            case "started":
                observer.RunStarted(run, item.Job ?? "", (int)item.Done);
                break;
            case "reused":
                observer.NodeReused(node, "");
                break;
            case "claimed":
                observer.AttemptStarted(node, item.Epoch, item.Step);
                break;
            case "progress":
                observer.Progress(node, new StageProgress(item.Done, item.Total, item.Unit ?? "", item.Message));
                break;
            case "committed":
                observer.NodeSucceeded(node, TimeSpan.FromSeconds(item.Seconds ?? 0));
                break;
            case "failed" or "retry" or "cancelled":
                observer.AttemptFailed(node, item.Exit ?? "", item.Message ?? "", item.Type == "retry" ? TimeSpan.Zero : null);
                break;
            case "ended":
                observer.RunEnded(run, item.State ?? "");
                break;
            case "fault":
                throw new WorkflowException(item.Message ?? $"Run {run} will not go on.");
        }
    }
}
