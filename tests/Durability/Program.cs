using System.Diagnostics;
using Durability;

// Plays the families of faults and writes docs/durability.md: [--full] [--families F4,F17] [--engines inline] [--only WORDS] [--output FILE]. Exit code 1 where anything was violated or a seeded bug not seen.
var output = Option("--output");
var full = args.Contains("--full");
var families = Option("--families")?.Split(',') is { } names ? [.. names.Select(ScenarioTable.Named)] : ScenarioTable.All;
var engines = Option("--engines")?.Split(',');
var only = Option("--only");
var rows = new List<ReportRow>();
var mutants = new List<MutantRow>();
foreach (var scenario in families)
{
    foreach (var engine in scenario.Engines.Where(e => engines?.Contains(e) ?? true))
    {
        if (scenario.Lacking is not null)
        {
            rows.Add(new ReportRow(scenario, engine, 0, null));
            continue;
        }

        var clock = Stopwatch.StartNew();
        var trials = scenario.TrialsOn(engine, full).Where(t => only is null || t.Name.Contains(only, StringComparison.Ordinal)).ToList();
        var row = new ReportRow(scenario, engine, trials.Count, await Scenario.PlayAsync(trials, new Setting(engine), CancellationToken.None));
        rows.Add(row);
        foreach (var mutation in only is null ? scenario.Mutations : [])
        {
            var seen = await Scenario.PlayAsync([mutation.Trial], new Setting(engine, mutation.Mutant), CancellationToken.None);
            Console.Error.WriteLine($"    {mutation.Mutant}, {mutation.Trial.Name}: {seen.Violations.FirstOrDefault()?.ReplaceLineEndings(" ") ?? "NOT SEEN"}");
            mutants.Add(new MutantRow(scenario, mutation.Mutant, mutation.Trial.Name, engine, seen.Violations.Count > 0));
        }

        Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds,6:0.0} s  {Report.Row(row)}");
        row.Findings!.Violations.ForEach(v => Console.Error.WriteLine($"    VIOLATION {v}"));
    }

    // After each family, so that what ends early leaves what it has.
    if (output is not null)
    {
        File.WriteAllText(output, Report.Write(rows, mutants, File.Exists(output) ? File.ReadAllText(output) : ""));
    }
}

return rows.Exists(r => r.Findings?.Violations.Count > 0) || mutants.Exists(m => !m.Caught) ? 1 : 0;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : null;
