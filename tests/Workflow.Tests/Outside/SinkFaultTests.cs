using System.Text.Json;
using FaultHost;
using Workflow.Ledger;
using Workflow.Outside;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>
/// F30: a receiver of OpenLineage that is down for an hour, returns 500, takes requests and never answers, and processes that stop and go on, by seeded schedules. Nothing is lost, what came twice is the same under its key,
/// the order stays, and every run has its one START and its one end.
/// </summary>
public sealed class SinkFaultTests
{
    const int Schedules = 24;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Schedules)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Lineage_ArrivesWholeAndInOrder_WhateverTheReceiverDoes(int seed)
    {
        using var home = new OutsideHome();
        await home.RunAsync(home.Pipeline, Cancellation);
        await home.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "error" }, MaxTries = 2 }, Cancellation);
        var time = new SteppedTime();
        using var ledger = LedgerDb.Open(home.Home.Paths.Ledger, time);
        var chance = new Chance((ulong)seed);
        await using var receiver = new Receiver((_, _) => chance.Next(12) switch { 0 => 500, 1 => 503, 2 => 429, 3 => 408, 4 => 401, 5 => 301, 6 => Hang(), _ => 200 });
        home.Environment["OPENLINEAGE_API_KEY"] = "key-of-the-test";
        File.WriteAllText(Path.Combine(home.Root, "sinks.yaml"),
            $"sinks:\n- {{ name: lineage, kind: openlineage-http, url: 'http://127.0.0.1:{receiver.Port}', secret_env: OPENLINEAGE_API_KEY, from: start, timeout: 20m }}\n");
        using var passing = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pass = time.PassAllAsync(w => w > TimeSpan.FromMilliseconds(400) && w < TimeSpan.FromMinutes(6), passing.Token);

        // Down for an hour; then up, with the process ending at times in the middle.
        var begun = time.GetUtcNow();
        await using (OutsideServices.Start(home.Home.Paths, ledger, home.Options.Outside))
        {
            while (time.GetUtcNow() - begun < TimeSpan.FromHours(1))
            {
                await Task.Yield();
                Cancellation.ThrowIfCancellationRequested();
            }
        }

        receiver.Up();
        var last = ledger.Read(db => db.Number("SELECT MAX(seq) FROM event"));
        while (ledger.Read(db => db.Number("SELECT cursor_seq FROM sink")) < last)
        {
            await using var services = OutsideServices.Start(home.Home.Paths, ledger, home.Options.Outside);
            var until = receiver.All.Count + 1 + chance.Next(25);
            while (receiver.All.Count < until && ledger.Read(db => db.Number("SELECT cursor_seq FROM sink")) < last)
            {
                await Task.Yield();
                Cancellation.ThrowIfCancellationRequested();
            }
        }

        await passing.CancelAsync();
        await pass;
        var arrived = receiver.All;
        Assert.All(arrived, r => Assert.Equal("Bearer key-of-the-test", r.Headers["Authorization"]));
        Assert.All(arrived.GroupBy(r => r.Key), g => Assert.Single(g.Select(r => r.Body).Distinct()));
        var expected = ledger.Read(db => ledger.Events().SelectMany(e => new Workflow.Outside.OpenLineage.OpenLineageSource(OutsideSettingsReader.Default(db.Text("SELECT v FROM home WHERE k='home_id'")!), 0).Messages(db, e)).Select(m => m.Key).ToList());
        Assert.Equal(expected, arrived.DistinctBy(r => r.Key).Select(r => r.Key));
        Assert.Empty(OpenLineageRules.Violations(arrived.Select(r => JsonDocument.Parse(r.Body).RootElement)));
        Assert.Equal(0, ledger.Read(db => db.Number("SELECT COUNT(*) FROM sink_skip")));

        int Hang()
        {
            time.Advance(TimeSpan.FromMinutes(20));
            return 0;
        }
    }

    /// <summary>Seeded choices (SplitMix64), drawn by one thread at a time.</summary>
    sealed class Chance(ulong seed)
    {
        readonly Lock gate = new();
        ulong state = seed;

        public int Next(int below)
        {
            lock (gate)
            {
                state += 0x9E3779B97F4A7C15;
                var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                return (int)((z ^ (z >> 31)) % (ulong)below);
            }
        }
    }
}
