using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>query "SQL"</c>: SQL over the tables that a run published, one view per kind and one per <c>stage_slot</c>.</summary>
sealed class QueryCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var sql = new Argument<string>("SQL") { Description = "One SELECT; views are named slot (the last stage that publishes it) and stage_slot" };
        var run = new Option<string>("--run") { Description = "The run whose artifacts are meant", HelpName = "RUN", DefaultValueFactory = _ => "last" };
        var limit = new Option<int>("--limit") { Description = "Rows at most", DefaultValueFactory = _ => 1000 };
        var command = new Command("query", "Ask the tables of a run in SQL, read-only") { sql, run, limit };
        command.SetAction((parse, cancellationToken) =>
        {
            using var ledger = context.OpenRead(parse);
            var detail = ledger.Detail(ledger.ResolveRun(parse.GetValue(run)!));
            using var rows = context.Query(parse.GetValue(sql)!, Views(context.PathsOf(parse), detail), cancellationToken);
            Print(context, parse, rows.Columns, rows.Rows, parse.GetValue(limit));
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>Parquet files by view.</summary>
    static SortedDictionary<string, IReadOnlyList<string>> Views(HomePaths paths, RunDetail run)
    {
        var views = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var output in run.Outputs.Where(o => !o.NodeId.Contains('/')))
        {
            // A slot may hold tables of several kinds (rows-*, passages-*): the name before the first dash tells them apart, and each is a view of its own.
            var tables = ArtifactFiles.ManifestOf(paths, output.Artifact.Id).Members.Where(m => m.Name.EndsWith(".parquet", StringComparison.Ordinal)).GroupBy(m => KindOf(m.Name)).ToList();
            foreach (var table in tables)
            {
                var files = table.Select(m => paths.Blob(m.Hash)).ToList();
                var name = tables.Count == 1 ? output.Slot : $"{output.Slot}_{table.Key}";
                views[name] = files;
                views[$"{output.Stage}_{name}".Replace('-', '_')] = files;
            }
        }

        return views;
    }

    static string KindOf(string file) => file.Split('-', '.')[0].Replace('-', '_');

    static void Print(CliContext context, ParseResult parse, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string?>> rows, int limit)
    {
        var shown = rows.Take(limit + 1).ToList();
        var more = shown.Count > limit;
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonArray([.. shown.Take(limit).Select(r => new JsonObject(columns.Zip(r, (c, v) => KeyValuePair.Create(c, (JsonNode?)v))))]));
            TellMore(context, more, limit);
            return;
        }

        var table = new TextTable([.. columns]);
        foreach (var row in shown.Take(limit))
        {
            table.Add([.. row.Select(v => Cell(v))]);
        }

        table.Write(context.Output);
        TellMore(context, more, limit);
    }

    static void TellMore(CliContext context, bool more, int limit)
    {
        if (more)
        {
            context.Error.WriteLine($"Only the first {limit} rows are shown; --limit shows more.");
        }
    }

    static string Cell(string? value)
    {
        var text = (value ?? "NULL").ReplaceLineEndings(" ");
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
