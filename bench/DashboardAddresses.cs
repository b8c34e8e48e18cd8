using System.Text.RegularExpressions;
using Workflow.Ledger;

namespace Bench;

/// <summary>
/// Addresses that stand for every pattern a dashboard answers, the places in it filled from the ledger: the run with the most nodes, the training with the longest series, and so on.
/// A pattern with a place that nobody has said how to fill is a fault, so that no new page is left out.
/// </summary>
sealed partial class DashboardAddresses
{
    // What garbage collection would remove is computed from the whole store, on request alone.
    static readonly string[] NoPages = ["/assets/", "/account", "/sign-in", "/api/v1/gc"];

    // Filters and searches people use, which no pattern tells of.
    static readonly (string Page, string[] Queries)[] Asked =
    [
        ("/search", ["q=column", "q=memory&scope=error", "q=batch_size%2064", "q=nightly&scope=run&state=failed", "q=docs", "q=a"]),
        ("/runs", ["state=failed", "state=interrupted", "q=column", "q=nothinghere", "job=nightly-docs", "trigger=cron&by=ada", "param=train.batch_size=64", "size=100"]),
    ];

    readonly Dictionary<string, string[]> values;

    /// <summary>Reads what places are filled with.</summary>
    public DashboardAddresses(LedgerConnection db)
    {
        var largest = One(db, "SELECT run_id FROM node_tally GROUP BY run_id ORDER BY SUM(n) DESC LIMIT 1");
        var longest = One(db, "SELECT s.run_id FROM metric_series s ORDER BY (SELECT MAX(step) FROM metric_point p WHERE p.series_id=s.series_id) DESC LIMIT 1");
        var failed = One(db, "SELECT run_id FROM run WHERE state='failed' ORDER BY created_us DESC LIMIT 1");
        string[] runs = [largest, longest, failed];
        string Made(string kind) => One(db, $"SELECT artifact_id FROM artifact WHERE kind='{kind}' ORDER BY created_us DESC LIMIT 1");
        var busy = db.Text("SELECT e.artifact_id FROM attempt t JOIN edge e ON e.attempt_id=t.attempt_id AND e.dir='in' WHERE t.run_id=?1 LIMIT 1", largest)!;
        string[] artifacts = [busy, Made("model"), Made("mined")];
        var schedule = One(db, "SELECT job FROM schedule ORDER BY job LIMIT 1");
        values = new(StringComparer.Ordinal)
        {
            ["run"] = runs,
            ["run/node"] = [$"{largest}|mine", $"{largest}|mine/000100", $"{longest}|train", $"{failed}|mine"],
            ["id"] = artifacts,
            ["hash"] = artifacts,
            ["job"] = [schedule],
            ["name"] = ["daily"],
            ["dataset"] = [One(db, "SELECT dataset FROM dataset_version ORDER BY dataset LIMIT 1")],
            ["queue"] = ["cpu", "gpu"],
            ["slot"] = ["production"],
            ["worker"] = ["worker-now", "worker-1"],
            ["attempt"] = [db.Text("SELECT attempt_id FROM attempt WHERE run_id=?1 ORDER BY started_us LIMIT 1", largest)!],
            ["state"] = ["failed"],
            ["format"] = ["json", "dot"],
            ["documentName"] = ["v1"],
            ["version"] = ["v1"],
            ["stage"] = ["mine", "train"],
            ["a"] = runs[..1],
            ["b"] = runs[1..2],
        };
    }

    /// <summary>Addresses of the pages, live parts and reads among some patterns, by pattern.</summary>
    /// <exception cref="InvalidOperationException">A pattern has a place that is not known here.</exception>
    public IEnumerable<(string Pattern, string Address)> Of(IEnumerable<string> patterns)
    {
        foreach (var pattern in patterns.Select(p => p.StartsWith('/') ? p : "/" + p).Where(p => !NoPages.Any(n => p.StartsWith(n, StringComparison.Ordinal)) && !p.Contains("{**rest}", StringComparison.Ordinal) && !p.StartsWith("/{*", StringComparison.Ordinal)))
        {
            foreach (var address in Filled(pattern))
            {
                yield return (pattern, address);
            }

            foreach (var query in Asked.Where(a => a.Page == pattern).SelectMany(a => a.Queries))
            {
                yield return (pattern, $"{pattern}?{query}");
            }
        }
    }

    IEnumerable<string> Filled(string pattern)
    {
        var places = Places().Matches(pattern).Select(m => m.Groups[1].Value).ToList();
        if (places.Contains("run") && places.Contains("node"))
        {
            return values["run/node"].Select(v => v.Split('|')).SelectMany(v => Filled(Places().Replace(pattern, m => m.Groups[1].Value switch { "run" => v[0], "node" => v[1], _ => m.Value })));
        }

        if (places.Count == 0)
        {
            return [pattern];
        }

        var known = values.TryGetValue(places[0], out var filled) ? filled
            : throw new InvalidOperationException($"{pattern}: nothing is said of what '{places[0]}' may be. Say it in {nameof(DashboardAddresses)}, so that this page is looked at too.");
        return known.SelectMany(v => Filled(Places().Replace(pattern, Uri.EscapeDataString(v), 1)));
    }

    static string One(LedgerConnection db, string sql) => db.Text(sql) ?? throw new InvalidOperationException($"The home has no row for: {sql}");

    [GeneratedRegex(@"\{\*{0,2}([A-Za-z]+)(?::[^}]*)?\}")]
    private static partial Regex Places();
}
