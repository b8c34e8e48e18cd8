using Workflow.Lineage;

namespace Workflow.Cli;

/// <summary>A comparison of two runs as tables for a terminal.</summary>
static class DiffText
{
    /// <summary>Writes it; what is the same only where asked for.</summary>
    public static void Write(TextWriter output, RunDiff diff, bool all)
    {
        output.WriteLine($"before  {Title(diff.Before)}");
        output.WriteLine($"after   {Title(diff.After)}");
        Values(output, "parameters", diff.Parameters, all);
        Values(output, "files outside", diff.Files, all);
        Values(output, "code", diff.Code, all);
        Values(output, "environment", diff.Environment, all);
        var data = diff.Data.Where(d => all || d.Change != "same").ToList();
        Section(output, "data", ["stage", "", "slot", "", "rows before", "after", "content before", "after"],
            [.. data.Select(d => (string[])[d.Stage, d.Direction, d.Slot, d.Change, Rows(d.Before), Rows(d.After), Short(d.Before?.Logical), Short(d.After?.Logical)])], diff.Data.Count - data.Count);
        Section(output, "scores", ["system", "metric", "before", "after", "difference", "95 % interval"],
            [.. diff.Scores.Select(s => (string[])[s.Group, s.Name, Number(s.Before), Number(s.After), s.Difference?.ToString("+0.0000;-0.0000;0.0000") ?? "", s is { Low: { } low, High: { } high } ? $"[{low:+0.0000;-0.0000}, {high:+0.0000;-0.0000}] over {s.Queries} queries" : ""])], 0);
        var figures = diff.Figures.Where(f => all || f.Difference != 0).ToList();
        Section(output, "last values", ["stage", "series", "before", "after"], [.. figures.Select(f => (string[])[f.Group, f.Name, Number(f.Before), Number(f.After)])], diff.Figures.Count - figures.Count);
        Section(output, "stages", ["stage", "before", "after", "seconds before", "after"],
            [.. diff.Stages.Select(s => (string[])[s.Stage, s.Before?.State ?? "-", s.After?.State ?? "-", Seconds(s.Before), Seconds(s.After)])], 0);
        if (diff.Cut)
        {
            output.WriteLine("There are more files or artifacts than were compared.");
        }
    }

    static void Values(TextWriter output, string title, IReadOnlyList<DiffValue> values, bool all)
    {
        var shown = values.Where(v => all || !v.Same).ToList();
        Section(output, title, ["", "before", "after"], [.. shown.Select(v => (string[])[v.Name, Cut(v.Before), Cut(v.After)])], values.Count - shown.Count);
    }

    static void Section(TextWriter output, string title, string[] columns, List<string[]> rows, int same)
    {
        output.WriteLine();
        output.WriteLine($"{title}: {(rows.Count == 0 ? same > 0 ? "the same" : "none" : same > 0 ? $"{same} the same, and" : "")}".TrimEnd());
        if (rows.Count > 0)
        {
            var table = new TextTable(columns);
            rows.ForEach(r => table.Add(r));
            table.Write(output);
        }
    }

    static string Title(DiffRun run) => $"{run.RunId}  {run.Job}  {run.State}  {run.Created.UtcDateTime:yyyy-MM-dd HH:mm:ss}{(run.TookSeconds is { } took ? $"  {took:0} s" : "")}";

    static string Rows(DiffArtifact? artifact) => artifact is null ? "-" : artifact.Rows?.ToString("#,0") ?? "";

    static string Short(string? hash) => hash is null ? "-" : hash[..Math.Min(10, hash.Length)];

    static string Number(double? value) => value?.ToString("0.####") ?? "-";

    static string Seconds(DiffStage? stage) => stage?.Seconds?.ToString("0.0") ?? "";

    static string Cut(string? value) => value is null ? "-" : value.ReplaceLineEndings(" ") is { Length: > 60 } text ? text[..57] + "..." : value;
}
