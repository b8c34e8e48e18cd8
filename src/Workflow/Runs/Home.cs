using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>An opened home with everything a process needs to execute in it; registers the process as a worker.</summary>
sealed class Home : IDisposable
{
    public Home(HomePaths paths, HostOptions options, string role)
    {
        Paths = paths;
        Options = options;
        Role = role;
        Directory.CreateDirectory(paths.Root);
        Directory.CreateDirectory(paths.Store);
        Directory.CreateDirectory(paths.Staging);
        Ledger = LedgerDb.Open(paths.Ledger, options.Time);
        Store = options.Store(paths);
        History = new History(options.Time) { Ageing = options.Ageing };
        Views = new Views(paths, Ledger);
        Claims = new NodeClaims(this);
        Commits = options.Commits(this);
        Checkpoints = new CheckpointCommits(this);
        WorkerId = options.Time.NewId();
        var self = ProcessIdentity.Current;
        Ledger.Write(db =>
        {
            var now = options.Time.Micros();
            EnvironmentId = HostEnvironment.Add(db, options.EnvironmentClass());
            db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, queues, started_us, seen_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
                WorkerId, role, self.Host, self.Pid, self.Start, self.Boot, string.Join(' ', options.Slots.Where(s => s.Value > 0).Select(s => $"{s.Key}={s.Value}").Order(StringComparer.Ordinal)), now);
            foreach (var (name, count) in options.Slots)
            {
                for (var i = 0; i < count; i++)
                {
                    db.Execute("INSERT INTO slot(slot_id, slot_class) VALUES (?1, ?2) ON CONFLICT DO NOTHING", $"{name}-{i}", name);
                }

                // Fewer slots than before: those beyond the count go once they are free.
                db.Execute("DELETE FROM slot WHERE slot_class=?1 AND CAST(substr(slot_id, length(?1)+2) AS INT)>=?2 AND attempt_id IS NULL", name, count);
            }
        });
    }

    public HomePaths Paths { get; }

    public HostOptions Options { get; }

    public string Role { get; }

    public string WorkerId { get; }

    /// <summary>Row of <c>environment</c> that attempts of this process name.</summary>
    public string EnvironmentId { get; private set; } = "";

    public LedgerDb Ledger { get; }

    public ArtifactStore Store { get; }

    public History History { get; }

    public Views Views { get; }

    public NodeClaims Claims { get; }

    public NodeCommits Commits { get; }

    public CheckpointCommits Checkpoints { get; }

    public Fence Fence => Options.Fence;

    public long Now => Options.Time.Micros();

    public void Dispose()
    {
        try
        {
            Ledger.Write(db => db.Execute("UPDATE worker SET ended_us=?2 WHERE worker_id=?1", WorkerId, Now));
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // Saying goodbye is a courtesy: a full disk must not hide the fault that ends us.
        }

        Ledger.Dispose();
    }
}
