using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Workflow.Dashboard;
using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Outside.Health;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class HealthTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Endpoints_SayLiveAndReady_WhileServed_AndNotReadyAfterwards()
    {
        using var home = new OutsideHome();
        await using var served = await ServedHomeFixture.StartAsync(home, Cancellation);
        var live = await served.GetAsync("/healthz/live", Cancellation);
        Assert.Equal((200, "application/json"), (live.Status, live.Type.Split(';')[0]));
        var ready = await served.GetAsync("/healthz/ready", Cancellation);
        Assert.True(ready.Status == 200, ready.Body);
        var checks = JsonDocument.Parse(ready.Body).RootElement.GetProperty("checks").EnumerateObject().Select(c => c.Name);
        Assert.Equal(["home", "dispatcher", "ledger", "engine", "disk"], checks);

        await served.StopServingAsync();
        Assert.Equal(503, (await served.GetAsync("/healthz/ready", Cancellation)).Status);
    }

    [Fact]
    public async Task Endpoints_OfAHomeThatIsOnlyShown_AreNotReady()
    {
        using var home = new TestHome();
        await using var dashboard = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0" }, null, null, Cancellation);
        using var client = new HttpClient();
        using var answer = await client.GetAsync($"{dashboard.Address}/healthz/ready", Cancellation);
        Assert.Equal(503, (int)answer.StatusCode);
    }

    [Fact]
    public async Task HangingDispatcher_IsNotLive()
    {
        var turn = TimeSpan.FromSeconds(1);
        using var home = new TestHome();
        var time = new SteppedTime();
        using var ledger = LedgerDb.Open(home.Paths.Ledger, time);
        await using var engine = new InlineEngine(time);
        var pulse = new HostPulse();
        var health = new HealthChecks(pulse, time);
        Assert.True(health.Live().Ok);
        pulse.Attach(new ServedHome(home.Paths, ledger, () => turn, engine));
        Assert.True(health.Live().Ok);
        turn = HealthChecks.LongestTurn;
        Assert.False(health.Live().Ok);
        Assert.Contains("60", health.Live().Checks[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LedgerThatTakesNoWrites_IsNotReady()
    {
        using var home = new TestHome();
        var time = new SteppedTime();
        using var ledger = LedgerDb.Open(home.Paths.Ledger, time);
        await using var engine = new InlineEngine(time);
        await engine.StartAsync(Cancellation);
        var pulse = new HostPulse();
        pulse.Attach(new ServedHome(home.Paths, ledger, () => TimeSpan.Zero, engine));
        var health = new HealthChecks(pulse, time);
        Assert.True((await health.ReadyAsync(Cancellation)).Checks.Single(c => c.Name == "ledger").Ok);

        // Another process holds the write lock.
        using (var other = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            using var held = new ManualResetEventSlim();
            using var free = new ManualResetEventSlim();
            var holding = Task.Run(() => other.Write(_ =>
            {
                held.Set();
                free.Wait(Cancellation);
            }), Cancellation);
            held.Wait(Cancellation);
            time.Advance(TimeSpan.FromSeconds(6));
            var asked = health.ReadyAsync(Cancellation);
            await time.PassAsync(w => w == TimeSpan.FromSeconds(5), Cancellation);
            var check = (await asked).Checks.Single(c => c.Name == "ledger");
            Assert.False(check.Ok);
            Assert.Contains("longer than 5 s", check.Detail, StringComparison.Ordinal);
            free.Set();
            await holding;
        }

        Assert.True((await health.ReadyAsync(Cancellation)).Checks.Single(c => c.Name == "ledger").Ok);
    }

    [Fact]
    public async Task Manager_HearsReadyOnceServed_AliveWhileTheLoopTurns_AndStopping()
    {
        using var home = new TestHome();
        using var manager = Manager(home, out var address);
        var time = new SteppedTime();
        using var ledger = LedgerDb.Open(home.Paths.Ledger, time);
        await using var engine = new InlineEngine(time);
        var pulse = new HostPulse();
        var turn = TimeSpan.Zero;
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = address, ["WATCHDOG_USEC"] = "20000000", ["WATCHDOG_PID"] = Environment.ProcessId.ToString() };
        await using (var supervision = Supervision.Start(pulse, time, environment.GetValueOrDefault))
        {
            Assert.Equal("WATCHDOG=1", await HearAsync(manager));
            supervision.Ready("serving");
            await time.PassAsync(w => w == TimeSpan.FromSeconds(10), Cancellation);
            Assert.Equal("WATCHDOG=1", await HearAsync(manager));
            pulse.Attach(new ServedHome(home.Paths, ledger, () => turn, engine));
            Assert.Equal("READY=1\nSTATUS=serving", await HearAsync(manager));

            // The loop hangs: the manager hears nothing more, until it comes round again.
            turn = TimeSpan.FromMinutes(2);
            time.Advance(TimeSpan.FromSeconds(10));
            time.Advance(TimeSpan.FromSeconds(10));
            supervision.Stopping();
            Assert.StartsWith("STOPPING=1", await HearAsync(manager), StringComparison.Ordinal);
        }

        Assert.Equal(0, manager.Available);
    }

    [Fact]
    public void Watchdog_OfAnotherProcess_IsNotOurs()
    {
        Assert.Null(ServiceNotifier.Watchdog(new Dictionary<string, string> { ["WATCHDOG_USEC"] = "1000", ["WATCHDOG_PID"] = "1" }.GetValueOrDefault));
        Assert.Null(ServiceNotifier.FromEnvironment(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = "relative" }.GetValueOrDefault));
    }

    static Socket Manager(TestHome home, out string address)
    {
        address = Path.Combine(home.Root, "notify");
        var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(address));
        return manager;
    }

    static async Task<string> HearAsync(Socket manager)
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, Cancellation));
    }
}
