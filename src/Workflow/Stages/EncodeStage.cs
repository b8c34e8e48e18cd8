using System.ComponentModel.DataAnnotations;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer.Encoders;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>Options of encoding.</summary>
public sealed record EncodeOptions
{
    /// <summary>What of a document is encoded.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Splits whose queries are encoded.</summary>
    /// <value>Default: train.</value>
    public IReadOnlyList<string> Splits { get; init; } = ["train"];

    /// <summary>Numbers that a transformer computes with.</summary>
    /// <value>Default: fp32.</value>
    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>Texts encoded at a time: those of like length share a batch. Bears on memory alone.</summary>
    /// <value>Default: 4,096.</value>
    [Operational]
    [Range(1, 1_000_000)]
    public int BatchSize { get; init; } = 4096;
}

/// <summary>Documents and queries to embeddings by a committed model: what dense mining reads. Texts that the same model encoded in the last run are not encoded again.</summary>
sealed class EncodeStage : IStage
{
    public string Name => "encode";

    public string Version => "2";

    public Type OptionsType => typeof(EncodeOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("model", ["model"]), new("documents", ["documents"]), new("pairs", ["pairs"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["embeddings"];

    public bool EnvironmentSensitive => true;

    public IReadOnlyList<string> TakesOver(StagePartition? partition) => ["embeddings"];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (EncodeOptions)context.Options;
        var store = Composition.Tables(context);
        using var model = ModelFolder.Load(context.Artifact("model")!.Files());
        model.Encoder.Precision = options.Precision;
        var documents = context.Artifact("documents")!;
        var before = context.Previous?.Slots["embeddings"] is { } embeddings && embeddings.Manifest.Meta.GetValueOrDefault("model") == model.Digest ? embeddings : null;
        var texts = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).Select(d => (d.DocId, PassageRendering.Of(d, options.Passage)));
        Write("documents.parquet", TextRole.Passage, texts, documents.Manifest.Rows);
        if (context.Artifact("pairs") is not null)
        {
            var queries = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).Where(p => options.Splits.Contains(p.Split)).DistinctBy(p => p.QueryId).Select(p => (p.QueryId, p.Query)).ToList();
            Write("queries.parquet", TextRole.Query, queries, queries.Count);
        }

        context.Meta("embeddings", "model", model.Digest);
        context.Meta("embeddings", "dimensions", model.Config.Dimensions.ToString());
        return Task.CompletedTask;

        void Write(string name, TextRole role, IEnumerable<(string Id, string Text)> items, long total)
        {
            var known = KnownVectors.Read(store, before, name, cancellationToken);
            var rows = CorpusEncoder.Run(model, items, role, context.Threads, known.Find, options.BatchSize, total, context.Reporter(), cancellationToken);
            var written = RowTables.Embeddings.Write(store, Path.Combine(context.OutputFolder("embeddings"), name), rows, cancellationToken);
            context.Describe("embeddings", written);
            context.CountReuse($"{Path.GetFileNameWithoutExtension(name)} encoded anew", written.Rows, written.Rows - known.Found);
        }
    }
}
