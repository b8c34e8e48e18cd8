using System.CommandLine;
using System.Text.Json.Nodes;
using Trainer;
using Trainer.Encoders;
using Trainer.Export;
using Trainer.Heads;
using Workflow.Jobs;
using Workflow.Lineage;

namespace Workflow.Cli;

/// <summary><c>export --model MODEL --output DIR</c>: a model as a folder that sentence-transformers and Transformers load, with its model card.</summary>
sealed class ExportCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var name = new Option<string>("--model") { Description = "Model folder, slot:NAME, or a committed model: its hash or RUN/STAGE.SLOT", HelpName = "DIR|slot:NAME|REF", Required = true };
        var output = new Option<string>("--output") { Description = "Folder to make; it must not be there, or be empty", HelpName = "DIR", Required = true };
        var heads = new Option<bool>("--heads") { Description = "Refuse a model without a sparse or multi-vector head; those that are there are always put beside it" };
        var title = new Option<string>("--title") { Description = "Title of the model card", DefaultValueFactory = _ => new ExportOptions().Title };
        var parent = new Option<string?>("--base-model") { Description = "Name of the model it was trained from, for the model card", HelpName = "NAME" };
        var samples = new Option<string?>("--samples") { Description = "JSONL rows {\"id\",\"text\"} to compare the folder with the model on, beside texts of its own", HelpName = "FILE" };
        var pooling = new Option<string?>("--pooling") { Description = $"How token vectors become one, for a transformer whose folder does not say: {string.Join(", ", PoolingNames.All)}" };
        pooling.AcceptOnlyFromAmong([.. PoolingNames.All]);
        var normalize = new Option<bool?>("--normalize") { Description = "Whether embeddings are scaled to length one, for a transformer whose folder does not say" };
        var threads = new Option<int>("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
        var command = new Command("export", "Write a model as a folder of sentence-transformers and Transformers") { name, output, heads, title, parent, samples, pooling, normalize, threads };
        command.SetAction((parse, cancellationToken) =>
        {
            var options = new ExportOptions { Title = parse.GetValue(title)!, BaseModel = parse.GetValue(parent), Heads = parse.GetValue(heads) };
            OptionsCheck(options);
            var (files, sources) = Find(context, parse, parse.GetValue(name)!);
            var own = parse.GetValue(samples) is { } file ? TextRows.Read(context.PathOf(file)).Select(r => r.Text) : [];
            var folder = context.PathOf(parse.GetValue(output)!);
            using var model = ModelFolder.Load(files, EncodeCommand.Config(files, parse.GetValue(pooling), parse.GetValue(normalize)));
            Print(context, parse, folder, Exporter.Export(model, files, folder, options, sources, own, parse.GetValue(threads), cancellationToken));
            return Task.FromResult(0);
        });
        return command;
    }

    static void OptionsCheck(ExportOptions options)
    {
        var faults = new List<System.ComponentModel.DataAnnotations.ValidationResult>();
        if (!System.ComponentModel.DataAnnotations.Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true))
        {
            throw new WorkflowException(string.Join(" ", faults.Select(f => f.ErrorMessage)), exitCode: 2);
        }
    }

    /// <summary>A folder's files alone, or a committed model's with what the ledger tells of it.</summary>
    static (FileSet Files, ModelCardSources Sources) Find(CliContext context, ParseResult parse, string name)
    {
        var slot = name.StartsWith(StageRef.ModelSlotPrefix, StringComparison.Ordinal);
        if (!slot && Directory.Exists(context.PathOf(name)))
        {
            return (FileSet.FromFolder(context.PathOf(name)), new ModelCardSources());
        }

        var paths = context.PathsOf(parse);
        if (!slot && !File.Exists(paths.Ledger))
        {
            throw new WorkflowException($"There is no folder '{name}', and no home at {paths.Root} in which it could be a committed model. Expected a model's folder, slot:NAME, a hash or RUN/STAGE.SLOT.", exitCode: 2);
        }

        using var ledger = context.OpenRead(parse);
        var id = slot ? Ledger.ModelSlotQueries.ModelSlot(ledger, name[StageRef.ModelSlotPrefix.Length..])[0].ArtifactId : ledger.ResolveArtifact(name);
        var kind = ArtifactFiles.ManifestOf(paths, id).Kind;
        return kind == "model"
            ? (NamedModel.Files(paths, id), ExportHistory.Of(ledger, paths, id))
            : throw new WorkflowException($"'{name}' is an artifact of kind {kind} ({HumanText.Short(id)}); expected a model.", exitCode: 2);
    }

    static void Print(CliContext context, ParseResult parse, string folder, ExportReport report)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonObject
            {
                ["output"] = folder,
                ["files"] = new JsonArray([.. report.Files.Select(f => JsonValue.Create(f))]),
                ["dimensions"] = report.Dimensions,
                ["compared"] = report.Texts,
                ["largest_difference"] = report.LargestDifference,
                ["notes"] = new JsonArray([.. report.Notes.Select(n => JsonValue.Create(n))]),
            });
            return;
        }

        context.Output.WriteLine($"{report.Files.Count} files of a model of {report.Dimensions} dimensions in {folder}");
        context.Output.WriteLine($"{report.Texts} embeddings were compared with the model's after reading the folder again: the largest difference is {report.LargestDifference:G2}.");
        foreach (var note in report.Notes)
        {
            context.Output.WriteLine($"Note: {note}");
        }
    }
}
