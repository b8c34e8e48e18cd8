using FaultHost;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Runs.Acts;

/// <summary>A home that is served for real, over a folder of small files, with the acts of the dashboard on it.</summary>
sealed class ActingHome : IAsyncDisposable
{
    readonly TestHome home = new();
    readonly TestHome corpus = new();
    readonly LedgerDb ledger;
    ServedHome? served;

    public ActingHome(HostOptions? options = null)
    {
        Options = options ?? Settings.Options(heartbeatMillis: 20);
        ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        Acts = LedgerActs.Of(home.Paths, TimeProvider.System, Options.Ageing, ScheduledJobs.Over(FakeStages.Table()));
    }

    public HostOptions Options { get; }

    public DashboardActs Acts { get; }

    public HomePaths Paths => home.Paths;

    public LedgerDb Ledger => ledger;

    public INodeActions Nodes => Acts.Nodes!;

    public string Folder => corpus.Root;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The pipeline (read in partitions a, b and c; sort; train) over the folder.</summary>
    public FakeJob Pipeline() => Corpus.Pipeline(corpus.Root) with { MaxTries = 1 };

    /// <summary>Writes the file of a partition.</summary>
    public void Write(string partition, params string[] lines) => File.WriteAllLines(Corpus.PathOf(corpus.Root, partition), lines);

    public async Task ServeAsync() => served = await ServedHome.StartAsync(home.Paths, Options, SilentObserver.Instance);

    /// <summary>Ends serving; what runs is given back.</summary>
    public async Task StopAsync()
    {
        if (served is not null)
        {
            await served.DisposeAsync();
            await served.Serving;
            served = null;
        }
    }

    /// <summary>Asks for a run as a command would, and does not wait for it.</summary>
    public string Ask(FakeJob job)
    {
        var id = TimeProvider.System.NewId();
        ledger.Write(db => db.Execute("INSERT INTO request(request_id, kind, run_id, payload, actor, created_us) VALUES (?1, 'run', ?2, ?3, 'test', ?4)", TimeProvider.System.NewId(), id, job.Spec().Json, TimeProvider.System.Micros()));
        return id;
    }

    /// <summary>Rows of one column, in order.</summary>
    public List<string> Column(string sql) => ledger.Read(db => db.Query(sql, r => r.Text(0)));

    /// <summary>The first value, as text.</summary>
    public string Value(string sql) => ledger.Read(db => db.First(sql, r => r.TextOrNull(0))) ?? "";

    /// <summary>Waits until the ledger says so.</summary>
    public async Task UntilAsync(string sql, string expected)
    {
        while (Value(sql) != expected)
        {
            if (served?.Serving.IsCompleted == true)
            {
                await served.Serving;
                Assert.Fail($"serving ended while {sql} was {Value(sql)}, not {expected}");
            }

            await Task.Delay(5, Cancellation);
        }
    }

    public Task StateAsync(string run, string state) => UntilAsync($"SELECT state FROM run WHERE run_id='{run}'", state);

    public Task NodeAsync(string run, string node, string state) => UntilAsync($"SELECT state FROM node WHERE run_id='{run}' AND node_id='{node}'", state);

    /// <summary>All nodes of a run with their states, in the order of the job.</summary>
    public string States(string run) => Value($"SELECT group_concat(node_id || '=' || state, ' ') FROM (SELECT node_id, state FROM node WHERE run_id='{run}' ORDER BY ordinal, kind='gather', node_id)");

    /// <summary>The audit, oldest first: actor, action, target, reason.</summary>
    public List<string> Audit() => Column("SELECT actor || '|' || action || '|' || target || '|' || COALESCE(reason, '') FROM audit ORDER BY seq");

    public async ValueTask DisposeAsync()
    {
        if (served is not null)
        {
            await served.DisposeAsync();
        }

        ledger.Dispose();
        home.Dispose();
        corpus.Dispose();
    }
}
