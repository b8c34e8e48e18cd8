using Workflow.Dashboard;
using Workflow.Outside.Health;
using Workflow.Runs;

namespace Workflow.Tests.Outside;

/// <summary>A home that is served in this process, with its endpoints.</summary>
sealed class ServedHomeFixture : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    readonly Task serving;
    readonly HttpClient client = new();

    ServedHomeFixture(OutsideHome home, Task serving, CancellationTokenSource stop, DashboardHost dashboard, HostPulse pulse) =>
        (Home, this.serving, this.stop, Dashboard, Pulse) = (home, serving, stop, dashboard, pulse);

    public OutsideHome Home { get; }

    public DashboardHost Dashboard { get; }

    public HostPulse Pulse { get; }

    public static async Task<ServedHomeFixture> StartAsync(OutsideHome home, CancellationToken cancellationToken)
    {
        var pulse = new HostPulse();
        var stop = new CancellationTokenSource();
        var options = home.Options;
        var serving = new RunService(home.Home.Paths, options with { Outside = options.Outside with { Pulse = pulse } }).ServeAsync(_ => SilentObserver.Instance, stop.Token);
        await Task.WhenAny(pulse.Attached.WaitAsync(cancellationToken), serving);
        if (serving.IsCompleted)
        {
            await serving;
        }

        var dashboard = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0", Pulse = pulse }, null, null, cancellationToken);
        return new ServedHomeFixture(home, serving, stop, dashboard, pulse);
    }

    public async Task<(int Status, string Type, string Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(Dashboard.Address + path, cancellationToken);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString(), await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Stops serving; the endpoints still answer.</summary>
    public async Task StopServingAsync()
    {
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopServingAsync();
        await Dashboard.DisposeAsync();
        client.Dispose();
        stop.Dispose();
    }
}
