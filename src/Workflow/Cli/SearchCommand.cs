using System.CommandLine;
using System.Text.Json.Nodes;
using DataPrep;
using DataPrep.Tables;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;
using Trainer;
using Trainer.Encoders;
using Trainer.Evaluation;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>search "QUERY"</c>: asks the documents of a run, with its model, BM25, or both.</summary>
sealed class SearchCommand : ICliCommand
{
    const int Depth = 200;

    public Command Build(CliContext context)
    {
        var query = new Argument<string>("QUERY") { Description = "What to look for" };
        var run = new Option<string>("--run") { Description = "The run whose documents and last model are meant", HelpName = "RUN", DefaultValueFactory = _ => "last" };
        var slot = new Option<string?>("--model") { Description = "The model to search with in place of the run's last one", HelpName = "slot:NAME|DIR" };
        var system = new Option<string>("--system") { Description = "model, bm25, or hybrid (reciprocal ranks of both)", DefaultValueFactory = _ => "hybrid" };
        system.AcceptOnlyFromAmong("model", "bm25", "hybrid");
        var top = new Option<int>("--top") { Description = "Documents to show", DefaultValueFactory = _ => 10 };
        var analyzer = new Option<string>("--analyzer") { Description = "BM25's analyzer", DefaultValueFactory = _ => "english" };
        analyzer.AcceptOnlyFromAmong([.. AnalyzerTable.Names]);
        var threads = new Option<int>("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
        var command = new Command("search", "Search the documents of a run") { query, run, slot, system, top, analyzer, threads };
        command.SetAction((parse, cancellationToken) =>
        {
            var paths = context.PathsOf(parse);
            using var ledger = context.OpenRead(parse);
            var detail = ledger.Detail(ledger.ResolveRun(parse.GetValue(run)!));
            var documents = Documents(paths, detail, context.Tables(), cancellationToken);
            var texts = documents.Select(d => d.Title.Length == 0 ? d.Content : $"{d.Title} {d.Content}").ToList();
            var (asked, which, many) = (parse.GetValue(query)!, parse.GetValue(system)!, parse.GetValue(threads));
            var results = new List<IReadOnlyList<ScoredDocument>>();
            if (which != "bm25")
            {
                results.Add(ByModel(parse.GetValue(slot) is { } named ? NamedModel.Files(context, parse, named) : ModelOf(paths, detail), documents, texts, asked, many, cancellationToken));
            }

            if (which != "model")
            {
                var index = Bm25Index.Build(texts, AnalyzerTable.Create(parse.GetValue(analyzer)!), threads: many, cancellationToken: cancellationToken);
                results.Add([.. index.Search(asked, Depth).Select(h => new ScoredDocument(documents[h.Document].DocId, h.Score))]);
            }

            var found = results.Count == 1 ? results[0] : Fusion.ReciprocalRank(results, Depth);
            Print(context, parse, found.Take(parse.GetValue(top)).ToList(), documents.ToDictionary(d => d.DocId, StringComparer.Ordinal));
            return Task.FromResult(0);
        });
        return command;
    }

    static List<Document> Documents(HomePaths paths, RunDetail run, ITableStore tables, CancellationToken cancellationToken)
    {
        var artifact = Last(run, "documents");
        return [.. ArtifactFiles.ManifestOf(paths, artifact).Members.Where(m => m.Name.EndsWith(".parquet", StringComparison.Ordinal))
            .SelectMany(m => RowTables.Documents.Read(tables, paths.Blob(m.Hash), cancellationToken))];
    }

    static FileSet ModelOf(HomePaths paths, RunDetail run) => NamedModel.Files(paths, Last(run, "model"));

    static ScoredDocument[] ByModel(FileSet files, List<Document> documents, List<string> texts, string query, int threads, CancellationToken cancellationToken)
    {
        using var model = ModelFolder.Load(files);
        using var passages = model.Embed(model.Tokenize(texts, TextRole.Passage, threads, cancellationToken), TextRole.Passage, cancellationToken: cancellationToken);
        using var asked = model.Embed(model.Tokenize([query], TextRole.Query, threads, cancellationToken), TextRole.Query, cancellationToken: cancellationToken);
        var (rows, scores) = ExactSearch.TopK(asked, passages, Depth, cancellationToken)[0];
        return [.. rows.Zip(scores, (row, score) => new ScoredDocument(documents[row].DocId, score))];
    }

    static string Last(RunDetail run, string kind) => run.Outputs.LastOrDefault(o => o.Artifact.Kind == kind && !o.NodeId.Contains('/'))?.Artifact.Id
        ?? throw new WorkflowException($"Run {run.Run.RunId} has published no {kind} yet ({run.Run.State}). `workflow show {run.Run.RunId}` lists what it has.");

    static void Print(CliContext context, ParseResult parse, List<ScoredDocument> found, Dictionary<string, Document> documents)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonArray([.. found.Select((f, i) => new JsonObject { ["rank"] = i + 1, ["id"] = f.DocId, ["score"] = f.Score, ["title"] = documents[f.DocId].Title })]));
            return;
        }

        foreach (var (hit, i) in found.Select((hit, i) => (hit, i)))
        {
            var document = documents[hit.DocId];
            context.Output.WriteLine($"{i + 1,2}. {hit.Score:0.0000}  {(document.Title.Length > 0 ? document.Title : document.DocId)}");
            context.Output.WriteLine($"    {(document.Content.Length <= 160 ? document.Content : document.Content[..157] + "...").ReplaceLineEndings(" ")}");
        }

        if (found.Count == 0)
        {
            context.Output.WriteLine("Nothing was found.");
        }
    }
}
