using System.Globalization;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Merging;

namespace Workflow.Stages;

/// <summary>
/// Models of one shape to their weighted mean, such as a model before and after fine-tuning: much of what was won, little of what was lost. What the mean lost all the same against the first model, on named collections,
/// is published beside it, and refused where it is more than allowed.
/// </summary>
sealed class MergeStage : IStage
{
    /// <summary>Kind of the report's artifact.</summary>
    internal const string Forgetting = "forgetting";

    /// <summary>Its file.</summary>
    internal const string File = "forgetting.json";

    const string Models = "models", Model = "model";

    public string Name => "merge";

    public string Version => "1";

    public Type OptionsType => typeof(MergeOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new(Models, ["model"], Many: true), new("pairs", ["pairs"], Optional: true), new("documents", ["documents"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = [Model, Forgetting];

    public bool EnvironmentSensitive => true;

    public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan) => [.. ((MergeOptions)options).Forgetting.Collections.SelectMany(c => c.Files(plan))];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (MergeOptions)context.Options;
        var models = context.Artifacts(Models).Select(a => a.Files()).ToList();
        TorchSharp.torch.set_num_threads(context.Threads);
        double[] losses = options.LmCocktail is { } cocktail ? Losses(context, models, options, cocktail, cancellationToken) : [];
        var weights = losses.Length > 0 ? MergeShares.FromLosses(losses, options.LmCocktail!.Temperature) : options.Weights.Count > 0 ? options.Weights : [.. models.Select(_ => 1.0)];
        foreach (var (model, loss) in models.Zip(losses))
        {
            context.Log(string.Create(CultureInfo.InvariantCulture, $"{model.Label} has the loss {loss:0.####} on held-out pairs."));
        }

        var folder = context.OutputFolder(Model);
        var merged = ModelMerge.Run(models, weights, folder);
        context.Log(merged.Sentence);
        var check = options.Forgetting.ToOptions();
        var report = options.Forgetting.Collections.Count == 0 ? new ForgettingReport([], check.MaxDrop) : Measure(context, options, models[0], folder, cancellationToken);
        report.Require(check, context.Log);
        context.WriteJson(Forgetting, File, new Published(
            [.. context.Artifacts(Models).Zip(merged.Shares, (a, share) => new Part(a.Id, share))], losses, report.MaxDrop, report.Exceeded,
            [.. report.Rows.Select(r => new Fall(r.Collection, r.Metric, r.Before, r.After, r.Change!.Value.Low, r.Change!.Value.High, r.Exceeds))]));
        context.Meta(Forgetting, "exceeded", report.Exceeded ? "yes" : "no");
        context.Meta(Model, "digest", merged.Digest);
        context.Meta(Model, "merged", string.Join(", ", merged.Shares.Select(s => s.ToString("0.####", CultureInfo.InvariantCulture))));
        return Task.CompletedTask;
    }

    static double[] Losses(StageContext context, List<Trainer.FileSet> models, MergeOptions options, CocktailOptions cocktail, CancellationToken cancellationToken)
    {
        if (context.Artifact("pairs") is null || context.Artifact("documents") is null)
        {
            throw new WorkflowException("lm_cocktail weighs models by their loss on held-out pairs: give from: { pairs: ..., documents: ... }, or weights.");
        }

        var store = Composition.Tables(context);
        var dev = RetrievalCollection.FromPairs(
            RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).ToList(), options.Passage, RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken), "dev");
        return [.. models.Select(files =>
        {
            using var model = ModelFolder.Load(files);
            return ExampleLoss.Of(model, dev, cocktail.Examples, context.Seed, context.Threads, cancellationToken);
        })];
    }

    static ForgettingReport Measure(StageContext context, MergeOptions options, Trainer.FileSet first, string folder, CancellationToken cancellationToken)
    {
        using var before = ModelFolder.Load(first);
        using var after = ModelFolder.Load(Trainer.FileSet.FromFolder(folder));
        return ForgettingReport.Measure(
            before, after, [.. options.Forgetting.Collections.Select(c => c.Read(context, cancellationToken))], options.Forgetting.ToOptions(), context.Seed, context.Threads, context.Reporter(), cancellationToken);
    }

    /// <summary>forgetting.json: what was merged, by artifact and share, and each metric of the first model and of the mean, with the interval of their difference.</summary>
    sealed record Published(IReadOnlyList<Part> Models, IReadOnlyList<double> Losses, double MaxDrop, bool Exceeded, IReadOnlyList<Fall> Rows);

    sealed record Part(string Model, double Share);

    sealed record Fall(string Collection, string Metric, double Before, double After, double Low, double High, bool Exceeds);
}
