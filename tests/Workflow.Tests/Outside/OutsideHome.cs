using System.Collections.Concurrent;
using FaultHost;
using Workflow.Ledger;
using Workflow.Outside;
using Workflow.Runs;

namespace Workflow.Tests.Outside;

/// <summary>A home with sinks, and jobs of fake stages that run in it.</summary>
sealed class OutsideHome : IDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();

    public OutsideHome(string? sinks = null)
    {
        if (sinks is not null)
        {
            File.WriteAllText(Path.Combine(home.Root, "sinks.yaml"), sinks);
        }
    }

    public TestHome Home => home;

    public string Root => home.Root;

    public ConcurrentDictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public HostOptions Options => Settings.Options() with { Outside = new OutsideOptions { Environment = Environment.GetValueOrDefault, Finish = TimeSpan.FromSeconds(30) } };

    public RunService Service => new(home.Paths, Options);

    /// <summary>Three files read by partitions, sorted, trained on with checkpoints.</summary>
    public FakeJob Pipeline => Corpus.Pipeline(corpus.Root);

    public Task<RunOutcome> RunAsync(FakeJob job, CancellationToken cancellationToken) => Service.RunAsync(job.Spec(), new RunRequest("test"), SilentObserver.Instance, cancellationToken);

    /// <summary>A ledger whose history holds so many events of one run.</summary>
    public LedgerDb WithEvents(int count, TimeProvider time)
    {
        var ledger = LedgerDb.Open(home.Paths.Ledger, time);
        Add(ledger, count);
        return ledger;
    }

    /// <summary>Adds events.</summary>
    public static void Add(LedgerDb ledger, int count) => ledger.Write(db =>
    {
        for (var i = 0; i < count; i++)
        {
            db.Execute("INSERT INTO event(ts_us, type, payload) VALUES (?1, 'run.tick', ?2)", ledger.Time.Micros(), $$"""{"detail":"{{i}}"}""");
        }
    });

    public IReadOnlyList<SinkStatus> Sinks()
    {
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        return ledger.Read(SinkStatus.All);
    }

    public void Dispose()
    {
        home.Dispose();
        corpus.Dispose();
    }
}
