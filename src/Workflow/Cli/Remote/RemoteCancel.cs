using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli.Remote;

/// <summary>Stops a run that a server executes.</summary>
static class RemoteCancel
{
    static readonly TimeSpan look = TimeSpan.FromMilliseconds(500);

    /// <summary>Asks for it and waits until the run has ended; gives its full id and the state it ended in. One that had ended before is left as it is.</summary>
    public static async Task<(string Run, string State)> CancelAsync(RemoteServer server, string name, string? reason, TimeProvider time, CancellationToken cancellationToken)
    {
        var run = await server.GetAsync<RunView>($"runs/{RemoteServer.Segment(name)}", cancellationToken);
        var address = $"runs/{RemoteServer.Segment(run.Run)}";
        if (!run.IsOver)
        {
            await server.PostAsync<AskedRun>($"{address}/cancel", new ActBody(reason), cancellationToken);
        }

        while (!run.IsOver)
        {
            run = await server.GetAsync<RunView>(address, cancellationToken);
            if (!run.IsOver)
            {
                await Task.Delay(look, time, cancellationToken);
            }
        }

        return (run.Run, run.State);
    }
}
