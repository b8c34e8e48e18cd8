using System.Text.Json;
using Workflow.Ledger;
using Workflow.Outside;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>Telling the history to a receiver that fails in every way: nothing is lost, the order stays, the keys stay, on a clock that tests move.</summary>
public sealed class SinkLoopTests : IDisposable
{
    readonly OutsideHome home = new();
    readonly SteppedTime time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    /// <summary>Waits between tries, not the looks at the history nor the timeouts of requests.</summary>
    static bool Backoff(TimeSpan wait) => wait > TimeSpan.FromMilliseconds(400) && wait < TimeSpan.FromMinutes(6);

    [Fact]
    public async Task History_ArrivesInOrderOnce_WhenTheReceiverIsDownRefusesConnectionsFailsHangsAndRestarts()
    {
        // 500s at the beginning, at times later, and requests that are taken but never answered.
        await using var receiver = new Receiver((n, _) => n <= 3 || n % 11 == 0 ? 500 : n % 17 == 0 ? Hang() : n % 5 == 0 ? 503 : 200);
        using var ledger = home.WithEvents(80, time);
        Configure(receiver.Url, "timeout: 20m");
        using var passing = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pass = time.PassAllAsync(Backoff, passing.Token);

        await using (Start(ledger))
        {
            // Down: nobody listens for the first tries.
            await FailedAsync(ledger, tries: 3);
            receiver.Up();
            await receiver.NextAsync(r => Seq(r) == 30, Cancellation);
            await receiver.DownAsync();
            await FailedAsync(ledger, tries: 2);
        }

        // The process ends here and another goes on, while more happens.
        OutsideHome.Add(ledger, 40);
        receiver.Up();
        await using (Start(ledger))
        {
            await receiver.NextAsync(r => Seq(r) == 120, Cancellation);
            await ToldAsync(ledger, 120);
        }

        await passing.CancelAsync();
        await pass;
        var arrived = receiver.All;
        Assert.Equal(Enumerable.Range(1, 120), arrived.DistinctBy(r => r.Key).Select(Seq));
        Assert.All(arrived.GroupBy(r => r.Key), g => Assert.Single(g.Select(r => r.Body).Distinct()));
        Assert.True(arrived.Count > 120, "a receiver that failed was sent things again");
        for (var i = 1; i < arrived.Count; i++)
        {
            // At least once and in order: never ahead of what has arrived so far.
            Assert.True(Seq(arrived[i]) <= arrived.Take(i).Max(Seq) + 1);
        }

        var status = Assert.Single(home.Sinks());
        Assert.Equal((0, 0, null), (status.Lag, status.Skipped, status.Error));

        // Taken, and then no answer within the time limit.
        int Hang()
        {
            time.Advance(TimeSpan.FromMinutes(20));
            return 0;
        }
    }

    [Fact]
    public async Task Refusal_IsPassedOverOnRecord_AfterItsTries()
    {
        await using var receiver = new Receiver((_, r) => Seq(r) == 4 ? 422 : 200);
        receiver.Up();
        using var ledger = home.WithEvents(6, time);
        Configure(receiver.Url, "timeout: 20m");
        using var passing = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pass = time.PassAllAsync(Backoff, passing.Token);
        await using (Start(ledger))
        {
            await ToldAsync(ledger, 6);
        }

        await passing.CancelAsync();
        await pass;
        Assert.Equal(SinkLoop.Refusals, receiver.All.Count(r => Seq(r) == 4));
        Assert.Equal([1, 2, 3, 4, 5, 6], receiver.All.Select(Seq).Distinct());
        Assert.Equal(1, Assert.Single(home.Sinks()).Skipped);
        var (seq, key, error) = ledger.Read(db => db.First("SELECT seq, dedupe_key, error FROM sink_skip", r => (r.Number(0), r.Text(1), r.Text(2))));
        Assert.Equal(4, seq);
        Assert.EndsWith("/4", key, StringComparison.Ordinal);
        Assert.Contains("422", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongCredentials_LoseNothing_AndAreTold()
    {
        var allowed = false;
        await using var receiver = new Receiver((_, _) => Volatile.Read(ref allowed) ? 200 : 401);
        receiver.Up();
        using var ledger = home.WithEvents(3, time);
        Configure(receiver.Url, "timeout: 20m", "secret_env: HOOK_SECRET");
        using var passing = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pass = time.PassAllAsync(Backoff, passing.Token);
        home.Environment["HOOK_SECRET"] = "";
        await using (Start(ledger))
        {
            await FailedAsync(ledger, tries: 1);
            Assert.Contains("HOOK_SECRET", Assert.Single(home.Sinks()).Error, StringComparison.Ordinal);
            home.Environment["HOOK_SECRET"] = "a-secret";
            for (var n = 0; n < SinkLoop.Refusals + 2; n++)
            {
                await receiver.NextAsync(_ => true, Cancellation);
            }

            await UntilAsync(ledger, "SELECT EXISTS(SELECT 1 FROM sink WHERE skip_count=0 AND cursor_seq=0 AND tries>?1 AND last_error LIKE '%401%')", SinkLoop.Refusals);
            Volatile.Write(ref allowed, true);
            await ToldAsync(ledger, 3);
        }

        await passing.CancelAsync();
        await pass;
        Assert.Equal([1, 2, 3], receiver.All.Select(Seq).Distinct());
        Assert.DoesNotContain("a-secret", await SqliteShell.RunAsync(home.Home.Paths.Ledger, ".dump", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewSink_BeginsAtTheEndOfTheHistory_UnlessToldFromTheStart()
    {
        await using var receiver = new Receiver((_, _) => 200);
        receiver.Up();
        using var ledger = home.WithEvents(5, TimeProvider.System);
        File.WriteAllText(Path.Combine(home.Root, "sinks.yaml"), $"sinks:\n- {{ name: new, kind: webhook, url: '{receiver.Url}', events: ['*'] }}\n");
        await using (var services = Start(ledger))
        {
            OutsideHome.Add(ledger, 2);
            await services.FinishAsync();
        }

        Assert.Equal([6, 7], receiver.All.Select(Seq));
    }

    [Fact]
    public async Task Finish_GivesUpOnADeadReceiver_AndTheNextProcessGoesOn()
    {
        await using var receiver = new Receiver((_, _) => 200);
        using var ledger = home.WithEvents(5, TimeProvider.System);
        Configure(receiver.Url);
        await using (var services = Start(ledger))
        {
            await services.FinishAsync();
        }

        Assert.Equal(5, Assert.Single(home.Sinks()).Lag);
        receiver.Up();
        await using (var services = Start(ledger))
        {
            await services.FinishAsync();
        }

        Assert.Equal([1, 2, 3, 4, 5], receiver.All.Select(Seq));
    }

    OutsideServices Start(LedgerDb ledger) => OutsideServices.Start(home.Home.Paths, ledger, home.Options.Outside);

    void Configure(string url, params string[] more) =>
        File.WriteAllText(Path.Combine(home.Root, "sinks.yaml"), $"sinks:\n- name: hook\n  kind: webhook\n  url: {url}\n  events: ['*']\n  from: start\n{string.Concat(more.Select(m => $"  {m}\n"))}");

    static Task FailedAsync(LedgerDb ledger, int tries) => UntilAsync(ledger, "SELECT EXISTS(SELECT 1 FROM sink WHERE tries>=?1)", tries);

    static Task ToldAsync(LedgerDb ledger, long seq) => UntilAsync(ledger, "SELECT EXISTS(SELECT 1 FROM sink WHERE cursor_seq>=?1)", seq);

    static async Task UntilAsync(LedgerDb ledger, string sql, long value)
    {
        while (ledger.Read(db => db.Number(sql, value)) == 0)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    static int Seq(Received r) => JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetProperty("seq").GetInt32();
}
