using Workflow.Ledger;

namespace FaultHost;

/// <summary>Callers who write rows of their own into one ledger without end and say each key once its write has returned.</summary>
static class LedgerWriters
{
    const int Callers = 16;

    public static void Run(string file)
    {
        using var ledger = LedgerDb.Open(file, TimeProvider.System);
        var first = ledger.Read(db => db.Number("SELECT COUNT(*) FROM home"));
        var callers = Enumerable.Range(0, Callers).Select(c => new Thread(() =>
        {
            for (var n = 0; ; n++)
            {
                var key = $"{first}-{c}-{n}";
                ledger.Write(db => db.Execute("INSERT INTO home(k, v) VALUES (?1, ?2)", key, "written"));
                Console.WriteLine($"durable {key}");
            }
        })).ToList();
        callers.ForEach(c => c.Start());
        callers.ForEach(c => c.Join());
    }
}
