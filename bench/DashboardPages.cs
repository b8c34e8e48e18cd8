using System.Collections.Concurrent;
using System.Diagnostics;
using Workflow.Artifacts;
using Workflow.Dashboard;

namespace Bench;

/// <summary>Asks a dashboard over a home for every page, live part and read it has, times the first byte of each, and holds the statements they run to their plans.</summary>
static class DashboardPages
{
    const double Allowed = 200;

    /// <summary>Measures and prints; throws where a page is too slow at its 95th percentile, fails, or reads a growing table through.</summary>
    public static async Task RunAsync(Arguments arguments)
    {
        var paths = new HomePaths(arguments.Text("home", Path.Combine(Path.GetTempPath(), "bench-dashboard")));
        var (rounds, only) = (arguments.Number("rounds", 20), arguments.Text("only", ""));
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = paths.Root, Url = "http://127.0.0.1:0" }, null, null, CancellationToken.None);
        var costs = new ConcurrentDictionary<string, (string Page, int Steps, int Scanned)>(StringComparer.Ordinal);
        var asking = "";
        host.Ledger.Watch = cost => costs.AddOrUpdate(cost.Sql, _ => (asking, cost.Steps, cost.Scanned), (_, most) => cost.Steps > most.Steps ? (asking, cost.Steps, cost.Scanned) : most);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address), Timeout = TimeSpan.FromSeconds(20) };
        var pages = host.Ledger.Read(db => new DashboardAddresses(db)).Of(host.Patterns).Where(p => p.Pattern.Contains(only, StringComparison.Ordinal)).ToList();
        costs.Clear();
        Console.WriteLine($"  first byte of each of {pages.Count} addresses, asked {rounds} times one after the other, ms: median, 95th percentile, most");
        var slow = new List<string>();
        foreach (var group in pages.GroupBy(p => p.Pattern, StringComparer.Ordinal))
        {
            var worstAddress = "";
            List<double> worstTimes = [];
            foreach (var (_, address) in group)
            {
                asking = address;
                var times = new List<double>();
                for (var (first, round) = (await FirstByteAsync(http, address), 0); round < (first > 10 * Allowed ? 1 : rounds); round++)
                {
                    times.Add(await FirstByteAsync(http, address));
                }

                times.Sort();
                if (worstTimes.Count == 0 || At(times, 0.95) > At(worstTimes, 0.95))
                {
                    (worstTimes, worstAddress) = (times, address);
                }
            }

            var p95 = At(worstTimes, 0.95);
            Console.WriteLine($"  {(p95 > Allowed ? "SLOW" : "    ")} {At(worstTimes, 0.5),8:N1} {p95,8:N1} {worstTimes[^1],8:N1}  {group.Key}{(worstAddress == group.Key ? "" : $"  at its worst {worstAddress}")}");
            if (p95 > Allowed)
            {
                slow.Add(group.Key);
            }
        }

        Console.WriteLine("\n  the statements with the most work, in operations of SQLite:");
        foreach (var (sql, (page, steps, scanned)) in costs.OrderByDescending(c => c.Value.Steps).Take(arguments.Number("statements", 15)))
        {
            Console.WriteLine($"  {steps,11:N0} ({scanned:N0} rows scanned)  {page}\n      {Line(sql)}");
        }

        host.Ledger.Watch = null;
        var faults = host.Ledger.Read(db => costs.Select(c => (c.Value.Page, Sql: c.Key, Faults: DashboardPlans.Faults(db, c.Key))).Where(f => f.Faults.Count > 0).ToList());
        Console.WriteLine($"\n  {costs.Count} statements, {faults.Count} of them read a growing table through");
        faults.ForEach(f => Console.WriteLine($"  {f.Page}: {string.Join("; ", f.Faults)}\n      {Line(f.Sql)}"));
        if (slow.Count + faults.Count > 0)
        {
            throw new InvalidOperationException($"{slow.Count} pages take longer than {Allowed} ms to their first byte at the 95th percentile; {faults.Count} statements read a growing table through.");
        }
    }

    static async Task<double> FirstByteAsync(HttpClient http, string address)
    {
        var start = Stopwatch.GetTimestamp();
        using var leave = new CancellationTokenSource();
        using var answer = await AnswerAsync(http, address, leave.Token);
        if (answer is null)
        {
            return http.Timeout.TotalMilliseconds;
        }

        await using var body = await answer.Content.ReadAsStreamAsync(leave.Token);
        await body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, leave.Token);
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if ((int)answer.StatusCode >= 500 && !address.StartsWith("/healthz/", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{address} answered {(int)answer.StatusCode}");
        }

        await leave.CancelAsync();
        return took;
    }

    /// <summary>The answer's head; null where it did not come in time.</summary>
    static async Task<HttpResponseMessage?> AnswerAsync(HttpClient http, string address, CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    static double At(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];

    static string Line(string sql) => string.Join(' ', sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) is var line && line.Length > 400 ? line[..400] + "…" : line;
}
