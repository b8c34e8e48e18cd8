using System.Security.Cryptography;
using System.Text;
using Workflow.Ledger;
using Workflow.Runs;

namespace Bench;

/// <summary>
/// Fills a ledger with a history as years of use would leave it: runs of forty jobs in all states, one of them with very many partitions and one with very long metric series, their attempts, artifacts and lineage,
/// events, logs, metrics and checkpoints. The same volume and start give the same rows.
/// </summary>
sealed class DashboardHome(LedgerDb ledger, DashboardVolume volume, long now)
{
    const long Hour = 3_600_000_000;
    const long Span = 180 * 24 * Hour;
    const int RunsPerWrite = 10;

    static readonly string[] Corpora = ["docs", "articles", "products", "support", "wiki", "papers", "tickets", "manuals", "news", "code"];
    static readonly string[] Ways = ["nightly", "weekly", "distil", "growing"];

    readonly Random random = new(volume.Seed);
    long ids;

    /// <summary>Run with very many partitions, half done.</summary>
    public string Largest { get; private set; } = "";

    /// <summary>Run whose training has very long series.</summary>
    public string Longest { get; private set; } = "";

    internal long Now => now;

    internal Random Random => random;

    internal DashboardVolume Volume => volume;

    /// <summary>Fills the ledger.</summary>
    /// <param name="tell">Told how far it is; null tells nobody.</param>
    public void Fill(Action<string>? tell)
    {
        ledger.Write(db => new DashboardSurroundings(this).Before(db));
        var last = volume.Runs - 1;
        for (var from = 0; from <= last; from += RunsPerWrite)
        {
            var (first, to) = (from, Math.Min(from + RunsPerWrite, volume.Runs));
            ledger.Write(db =>
            {
                for (var r = first; r < to; r++)
                {
                    Run(db, r, last - r);
                }
            });
            if (from % 500 == 0)
            {
                tell?.Invoke($"{from:N0} of {volume.Runs:N0} runs");
            }
        }

        ledger.Write(db => new DashboardSurroundings(this).After(db));
    }

    void Run(LedgerConnection db, int number, int age)
    {
        var pipeline = $"{Ways[number % Ways.Length]}-{Corpora[number / Ways.Length % Corpora.Length]}";
        var created = now - (long)(Span / (double)volume.Runs * (age + 0.5));
        var state = age switch
        {
            4 or 5 => "running",
            < 4 or (< 10 and > 5) => age % 2 == 0 ? "queued" : "running",
            < 20 => "interrupted",
            _ => random.NextDouble() switch { < 0.86 => "succeeded", < 0.92 => "failed", < 0.96 => "partial", _ => "cancelled" },
        };
        var partitions = age == 5 ? volume.Partitions : (int)(volume.PartitionsPerRun * (0.5 + random.NextDouble()));
        var run = new DashboardRun(this, db) { Id = Id(created), Number = number, Pipeline = pipeline, State = state, Created = created, Partitions = partitions, Heavy = age == 5, Long = age == 4 };
        Largest = run.Heavy ? run.Id : Largest;
        Longest = run.Long ? run.Id : Longest;
        run.Write();
    }

    /// <summary>An id that sorts by time, as the program makes them.</summary>
    internal string Id(long micros)
    {
        var n = ++ids;
        var ms = $"{micros / 1000:x12}";
        return $"{ms[..8]}-{ms[8..]}-7{n % 0x1000:x3}-8{volume.Seed & 0xfff:x3}-{n:x12}";
    }

    internal static string Hash(string of) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)));

    /// <summary>The process whose rows look alive: the one that generates.</summary>
    internal static ProcessIdentity Process => ProcessIdentity.Current;
}
