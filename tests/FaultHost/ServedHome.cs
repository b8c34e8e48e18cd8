using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Runs;

namespace FaultHost;

/// <summary>A home that this process serves while runs are asked of it as any other process would ask.</summary>
public sealed class ServedHome : IAsyncDisposable
{
    readonly HomePaths paths;
    readonly HostOptions options;

    // Holds no timer and no handle: there is nothing to dispose of.
    readonly CancellationTokenSource stop = new();

    ServedHome(HomePaths paths, HostOptions options, IRunObserver observer)
    {
        this.paths = paths;
        this.options = options;
        Serving = Task.Run(() => new RunService(paths, options).ServeAsync(_ => observer, stop.Token));
    }

    /// <summary>Ends where serving ends; carries its fault.</summary>
    public Task Serving { get; }

    /// <summary>Starts to serve; returns once the home is held.</summary>
    /// <exception cref="Workflow.WorkflowException">Another process holds the home.</exception>
    public static async Task<ServedHome> StartAsync(HomePaths paths, HostOptions options, IRunObserver observer)
    {
        var served = new ServedHome(paths, options, observer);
        while (HomeLock.Holder(paths)?.Process != ProcessIdentity.Current)
        {
            if (served.Serving.IsCompleted)
            {
                await served.Serving;
            }

            await Task.Delay(2, CancellationToken.None);
        }

        return served;
    }

    /// <summary>Runs a job to its end through the requests of the ledger.</summary>
    public Task<RunOutcome> RunAsync(JobSpec job, CancellationToken cancellationToken) => Alone(s => s.RunAsync(job, new RunRequest("test"), SilentObserver.Instance, cancellationToken));

    /// <summary>Continues a run to its end.</summary>
    public Task<RunOutcome> ResumeAsync(string runId, CancellationToken cancellationToken) => Alone(s => s.ResumeAsync(runId, new RunRequest("test"), SilentObserver.Instance, cancellationToken));

    /// <summary>Runs a run's job again from a stage on.</summary>
    public Task<RunOutcome> RestartAsync(string runId, string stage, CancellationToken cancellationToken) =>
        Alone(s => s.RestartAsync(runId, stage, new RunRequest("test"), SilentObserver.Instance, cancellationToken));

    /// <summary>Ends serving as a supervisor's stop does; more than once is once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!stop.IsCancellationRequested)
        {
            await stop.CancelAsync();
        }

        await Serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Whoever asks waits; where serving ends with a fault, that fault ends the wait.</summary>
    async Task<RunOutcome> Alone(Func<RunService, Task<RunOutcome>> ask)
    {
        var asked = ask(new RunService(paths, options));
        await Task.WhenAny(asked, Serving);

        // Who asks may notice first that nobody serves any more: why is what counts.
        if (Serving.IsCompleted || (asked.IsFaulted && HomeLock.Holder(paths) is null))
        {
            await Serving;
        }

        return await asked;
    }
}
