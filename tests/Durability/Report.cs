using System.Runtime.InteropServices;
using System.Text;

namespace Durability;

/// <summary>One row of the table: a family on an engine.</summary>
/// <param name="Scenario">The family.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Schedules">How many schedules were played.</param>
/// <param name="Findings">What they showed; null where the family could not be played.</param>
sealed record ReportRow(Scenario Scenario, string Engine, int Schedules, Findings? Findings);

/// <summary>A seeded bug and whether it was seen.</summary>
sealed record MutantRow(Scenario Scenario, string Mutant, string Trial, string Engine, bool Caught);

/// <summary>The page of figures.</summary>
static class Report
{
    const string Command = "dotnet run -c Release --project tests/Durability -- --full --output docs/durability.md";

    /// <summary>Writes it as Markdown.</summary>
    /// <param name="rows">What was played.</param>
    /// <param name="mutants">The seeded bugs.</param>
    /// <param name="before">The page as it was: the rows of families that were not played now stay.</param>
    public static string Write(IReadOnlyList<ReportRow> rows, IReadOnlyList<MutantRow> mutants, string before)
    {
        var played = rows.Select(r => r.Scenario.Name).ToHashSet(StringComparer.Ordinal);
        var sections = before.Split("\n## ");
        var text = new StringBuilder();
        text.Append($"""
            # What survives what

            Written by `{Command}` on {Machine()}; write it again after a change to the protocol, never by hand (`--families F4,F17` renews these rows alone). The families are played with real code: real processes that are killed (`SIGKILL`) and
            stopped (`SIGSTOP`), real ledgers, a real small file system that fills up. After each schedule the oracle asks: is the ledger whole by SQLite's own shell (O1); has each finished node exactly one committed attempt, and none
            of a stale holder (O2); is every file in the store what its name says, and every committed file there (O3); are all artifacts those of a run that nothing disturbed (O4); is nothing left undone (O5); does each attempt
            begin once and end once in the history (O6); does garbage collection leave what is reachable and nothing else, is staging empty (O7); are all slots and intents free (O8); are the events without a gap (O9). Then come the family's own
            questions. Whatever does not hold is a violation. `3/n` is the 95 % upper bound of the share of schedules of the kind that would show one, had they been drawn by chance.

            A short form of every family runs in `./test`, and shows that each family sees bugs that are seeded for it.

            | family | fault | engine | schedules | violations | 3/n | attempts repeated / nodes | wait, s: p50, p95, max | counted | by hand, per schedule |
            |---|---|---|--:|--:|--:|--:|--:|---|--:|

            """);
        Lines(text, rows.Select(Row), Kept(sections, "# ", "| F"));
        text.AppendLine().AppendLine("## What the waits are").AppendLine();
        Lines(text, rows.Where(r => r.Findings?.Waits.Count > 0).DistinctBy(r => r.Scenario.Name).Select(r => $"- {r.Scenario.Name}: {r.Scenario.Clock}."), Kept(sections, "What the waits are", "- F"));
        text.AppendLine().AppendLine("## Seeded bugs").AppendLine().AppendLine("| family | bug | engine | schedule | seen |").AppendLine("|---|---|---|---|---|");
        Lines(text, mutants.Select(m => $"| {m.Scenario.Name} | `{m.Mutant}` | {m.Engine} | {m.Trial} | {(m.Caught ? "yes" : "NO")} |"), Kept(sections, "Seeded bugs", "| F"));
        var broken = rows.Where(r => r.Findings?.Violations.Count > 0).ToList();
        if (broken.Count > 0)
        {
            text.AppendLine().AppendLine("## Violations").AppendLine();
            foreach (var (row, violation) in broken.SelectMany(r => r.Findings!.Violations.Select(v => (r, v))))
            {
                text.AppendLine($"- {row.Scenario.Name}, {row.Engine}: {violation.ReplaceLineEndings(" ")}");
            }
        }

        return text.ToString();

        IEnumerable<string> Kept(string[] parts, string title, string start) => parts.Where(p => p.StartsWith(title, StringComparison.Ordinal)).SelectMany(p => p.Split('\n'))
            .Where(l => l.StartsWith(start, StringComparison.Ordinal) && !played.Contains(Family(l)));
    }

    /// <summary>Writes rows in the order of their families.</summary>
    static void Lines(StringBuilder text, IEnumerable<string> fresh, IEnumerable<string> kept)
    {
        foreach (var line in kept.Concat(fresh).OrderBy(l => int.Parse(Family(l)[1..])))
        {
            text.AppendLine(line);
        }
    }

    static string Family(string line) => line.Split(' ', ':')[1];

    /// <summary>One row of the table.</summary>
    public static string Row(ReportRow row)
    {
        var head = $"| {row.Scenario.Name} | {row.Scenario.Fault} | {row.Engine} |";
        if (row.Findings is not { } f)
        {
            return $"{head} 0 | | | | | not played: {row.Scenario.Lacking} | |";
        }

        var shares = string.Join("; ", f.Shares.Select(s => $"{s.Value.Hit} of {s.Value.Of} {s.Key}"));
        return $"{head} {row.Schedules} | {f.Violations.Count} | {3.0 / row.Schedules:0.000} | {f.Redone} / {f.Nodes} | {Waits(f.Waits)} | {shares} | {(double)f.Actions / row.Schedules:0.##} |";
    }

    static string Waits(List<TimeSpan> sorted) => sorted.Count == 0 ? "" : $"{At(sorted, 0.5):0.00}, {At(sorted, 0.95):0.00}, {sorted[^1].TotalSeconds:0.00}";

    static double At(List<TimeSpan> sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Count) - 1].TotalSeconds;

    static string Machine() =>
        $"a machine of {Environment.ProcessorCount} cores ({RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}, {(OperatingSystem.IsLinux() ? "Linux" : RuntimeInformation.OSDescription)})";
}
