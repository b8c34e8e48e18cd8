using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Training;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>Options of taking a model over.</summary>
public sealed record ImportOptions
{
    /// <summary>Folder of the model, as Hugging Face and sentence-transformers make it, or of a static model of ours.</summary>
    [FilePath]
    public required string Folder { get; init; }

    /// <summary>How it is to be used, where its folder does not say or the job wants another way.</summary>
    public ModelUse Model { get; init; } = new();
}

/// <summary>
/// A pretrained model becomes an artifact: initial model of a training, guide of mining, or something to evaluate. Its folder says how it is used; with pairs and documents a probe
/// measures what another way of pooling would cost.
/// </summary>
sealed class ImportStage : IStage
{
    public string Name => "import";

    public string Version => "1";

    public Type OptionsType => typeof(ImportOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("pairs", ["pairs"], Optional: true), new("documents", ["documents"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["model"];

    public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan)
    {
        var folder = Path.GetFullPath(((ImportOptions)options).Folder, plan.Root);
        try
        {
            var files = FileSet.FromFolder(folder);
            return [.. ModelFolder.FilesOf(files).Concat(HeadFiles.Names.Where(files.Has)).Distinct().Order(StringComparer.Ordinal).Select(name => new ExternalFile(files[name], name, plan.Hash(files[name])))];
        }
        catch (TrainerException error)
        {
            throw new WorkflowException(error.Message, inner: error);
        }
    }

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (ImportOptions)context.Options;
        var files = new FileSet(Path.GetFileName(Path.TrimEndingDirectorySeparator(options.Folder)), context.Files.ToDictionary(f => f.Name, f => f.Path, StringComparer.Ordinal));
        if (!ModelFolder.IsTransformer(files))
        {
            using var own = ModelFolder.Load(files);
            Save(own);
            return Task.CompletedTask;
        }

        var settings = ModelSettings.Read(files);
        var (config, found) = CompatibilityGate.Decide(settings, options.Model);
        using var model = ModelFolder.Load(files, config, context.Seed);
        var transformer = ((ITransformerModel)model.Encoder).Transformer;
        var probe = Pairs(context, model, cancellationToken) is { } known ? PoolingProbe.Measure(transformer, known) : null;
        CompatibilityGate.Require(settings.Name, found, options.Model.Allow, () => probe?.Text(settings.Pooling!.Value.Value, PoolingNames.Parse(config.Pooling)) ?? "");

        context.Log($"{settings.Name}: {config.ModelType}, {config.Dimensions} dimensions, pooling {config.Pooling} ({settings.Pooling?.Source ?? "the job"}), " +
            $"{(config.Normalize ? "normalised" : "not normalised")} ({settings.Normalize?.Source ?? "the job"}), {settings.MaxLength.Value} tokens ({settings.MaxLength.Source}), " +
            $"prompts '{config.QueryPrompt}' and '{config.PassagePrompt}' ({settings.Prompts.Source}).");
        if (model.Unused.Count > 0)
        {
            context.Log($"Not used: {string.Join(", ", model.Unused)}.");
        }

        if (probe is not null)
        {
            context.Log(probe.Text(PoolingNames.Parse(config.Pooling), config.Pooling == PoolingNames.Of(PoolingMode.Cls) ? PoolingMode.Mean : PoolingMode.Cls));
        }

        Save(model);
        context.Meta("model", "base", settings.Name);
        context.Meta("model", "family", settings.Family?.Name ?? "");
        if (found.Count > 0)
        {
            context.Meta("model", "contradicts_initial", string.Join("; ", found));
        }

        return Task.CompletedTask;

        void Save(EmbeddingModel taken)
        {
            var folder = context.OutputFolder("model");
            var encoder = taken.Encoder as ITransformerModel;
            ModelFolder.Save(folder, taken.Config, ModelFolder.Weights(taken.Encoder), files, encoder?.Transformer.Config, encoder?.Projection?.Activation ?? ProjectionActivation.Identity);
            foreach (var head in HeadFiles.Names.Where(n => files.Has(n) && !n.Contains('/', StringComparison.Ordinal) && n != Projection.PoolerFile))
            {
                File.Copy(files[head], Path.Combine(folder, head));
            }

            context.Meta("model", "digest", ModelFolder.Digest(FileSet.FromFolder(folder)));
        }
    }

    /// <summary>The first training pairs with their documents; null where the stage was given none.</summary>
    static TrainingSet? Pairs(StageContext context, EmbeddingModel model, CancellationToken cancellationToken)
    {
        if (context.Artifact("pairs") is null || context.Artifact("documents") is null)
        {
            return null;
        }

        var store = Composition.Tables(context);
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).Where(p => p.Split == "train").Take(PoolingProbe.Rows).ToList();
        var wanted = pairs.Select(p => p.DocId).ToHashSet(StringComparer.Ordinal);
        var passages = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).Where(d => wanted.Contains(d.DocId))
            .Select((d, i) => new ShardPassage(i, d.DocId, PassageRendering.Of(d, PassageText.Content), "")).ToList();
        var at = passages.ToDictionary(p => p.DocId, p => p.Ordinal, StringComparer.Ordinal);
        IReadOnlyList<TrainingRow> rows = [.. pairs.Where(p => at.ContainsKey(p.DocId))
            .Select((p, i) => new TrainingRow(i, p.QueryId, p.Query, p.DocId, p.Passage, at[p.DocId], [], p.Generator, "", 0, "", "", 0))];
        var config = model.Config;
        return rows.Count < 2 ? null : TrainingSet.Build(
            [(rows, passages)], model.Tokenizer, config.QueryLength, config.PassageLength, context.Threads, config.QueryPrompt, config.PassagePrompt, specialTokens: true, cancellationToken: cancellationToken);
    }
}
