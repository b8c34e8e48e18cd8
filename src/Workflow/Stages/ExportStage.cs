using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Evaluation;
using Trainer.Export;
using Workflow.Artifacts;

namespace Workflow.Stages;

/// <summary>A model, or a cross-encoder, as a folder that sentence-transformers and Transformers load, with a model card of what the inputs tell; read again and compared before it is published.</summary>
sealed class ExportStage : IStage
{
    /// <summary>Kind of the artifact.</summary>
    internal const string Export = "export";

    static readonly string[] DataKinds = ["documents", "pairs", "mined", "shards", "tokenizer", "duplicates", "embeddings"];

    public string Name => "export";

    public string Version => "1";

    public Type OptionsType => typeof(ExportOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } =
    [
        new("model", ["model"]), new("documents", ["documents"], Optional: true), new("data", DataKinds, Optional: true, Many: true), new("scores", ["scores"], Optional: true),
    ];

    public IReadOnlyList<string> Outputs { get; } = [Export];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var artifact = context.Artifact("model")!;
        var data = context.Artifacts("documents").Concat(context.Artifacts("data")).DistinctBy(a => a.Id).Select(a => new CardArtifact(a.Manifest.Kind, a.Id, Rows(a.Manifest))).ToList();
        var sources = new ModelCardSources
        {
            ModelId = artifact.Id,
            Data = data,
            Scores = context.Artifact("scores") is { } scores ? CardScores.Read(scores.PathOf(RetrievalFiles.ScoresFile), scores.Id) : null,
        };
        var (files, options) = (artifact.Files(), (ExportOptions)context.Options);
        if (options.CrossEncoder || CrossEncoder.IsOne(files))
        {
            files = CrossEncoder.Within(files);
            using var ranker = CrossEncoder.Load(files);
            var written = CrossEncoderExport.Export(ranker, files, context.OutputFolder(Export), options, sources, Samples(context, cancellationToken), context.Threads, cancellationToken);
            context.Meta(Export, "model", ModelFolder.Digest(files));
            context.Log($"scores of {written.Texts} pairs by the written folder differ from the model's by at most {written.LargestDifference:G2}");
            return Task.CompletedTask;
        }

        using var model = ModelFolder.Load(files);
        var report = Exporter.Export(model, files, context.OutputFolder(Export), options, sources, Samples(context, cancellationToken), context.Threads, cancellationToken);
        context.Meta(Export, "model", model.Digest);
        context.Meta(Export, "dimensions", report.Dimensions.ToString());
        context.Log($"{report.Texts} embeddings of the written folder differ from the model's by at most {report.LargestDifference:G2}");
        foreach (var note in report.Notes)
        {
            context.Log(note);
        }

        return Task.CompletedTask;
    }

    /// <summary>Rows of a table's artifact in words; nothing for what has none.</summary>
    internal static string Rows(Manifest manifest) => manifest.Rows > 0 ? $"{manifest.Rows} rows" : "";

    /// <summary>Titles and contents of the first documents: what the model was made for.</summary>
    static List<string> Samples(StageContext context, CancellationToken cancellationToken) => context.Artifact("documents") is null ? [] :
        [.. RowTables.Documents.Read(Composition.Tables(context), context.Paths("documents"), cancellationToken).SelectMany(d => new[] { d.Title, d.Content }).Where(t => t.Length > 0).Take(ExportSamples.Count)];
}
