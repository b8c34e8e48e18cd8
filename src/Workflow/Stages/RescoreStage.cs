using System.ComponentModel.DataAnnotations;
using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Workflow.Stages;

/// <summary>Options of rescoring.</summary>
public sealed record RescoreOptions
{
    /// <summary>Tokens kept of a pair, special ones included; the longer text is cut first.</summary>
    /// <value>Default: as many as the cross-encoder has positions.</value>
    [Range(8, 65536)]
    public int? MaxLength { get; init; }

    /// <summary>What of a document is read.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Numbers that the cross-encoder computes with.</summary>
    /// <value>Default: fp32.</value>
    public Precision Precision { get; init; } = Precision.Fp32;
}

/// <summary>A cross-encoder's scores of every training query with its positives and mined negatives: what a distillation learns from.</summary>
sealed class RescoreStage : IStage
{
    internal const string Kind = "teacher_scores";

    const string ScoresFile = "scores.parquet";

    public string Name => "rescore";

    public string Version => "1";

    public Type OptionsType => typeof(RescoreOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("model", ["model"]), new("pairs", ["pairs"]), new("documents", ["documents"]), new("mined", ["mined"])];

    public IReadOnlyList<string> Outputs { get; } = [Kind];

    public bool EnvironmentSensitive => true;

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (RescoreOptions)context.Options;
        var store = Composition.Tables(context);
        TorchSharp.torch.set_num_threads(context.Threads);
        var files = context.Artifact("model")!.Files();
        using var model = CrossEncoder.Load(files);
        model.Precision = options.Precision;
        var scorer = new PairScorer(model, ModelFolder.LoadTokenizer(files), options.MaxLength);
        var documents = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).ToDictionary(d => d.DocId, StringComparer.Ordinal);
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).Where(p => p.Split == "train").ToList();
        var queries = pairs.DistinctBy(p => p.QueryId).ToDictionary(p => p.QueryId, p => p.Query, StringComparer.Ordinal);
        var own = pairs.Where(p => p.Passage is not null).ToDictionary(p => (p.QueryId, p.DocId), p => p.Passage!);
        var wanted = new SortedSet<(string Query, string Document)>(Comparer<(string Query, string Document)>.Create((a, b) =>
            string.CompareOrdinal(a.Query, b.Query) is not 0 and var order ? order : string.CompareOrdinal(a.Document, b.Document)));
        wanted.UnionWith(pairs.Select(p => (p.QueryId, p.DocId)));
        wanted.UnionWith(RowTables.Negatives.Read(store, context.Paths("mined"), cancellationToken).Where(n => queries.ContainsKey(n.QueryId)).Select(n => (n.QueryId, n.NegativeDocId)));
        var done = 0;
        var scores = scorer.Score(wanted.Select(w => (w, queries[w.Query], own.GetValueOrDefault(w) ?? Text(w.Document))), cancellationToken).Select(s =>
        {
            if (++done % 1000 == 0)
            {
                context.Progress(new StageProgress(done, wanted.Count, "pairs"));
            }

            return new TeacherScore(s.Key.Query, s.Key.Document, s.Score);
        });
        context.Describe(Kind, RowTables.TeacherScores.Write(store, Path.Combine(context.OutputFolder(Kind), ScoresFile), scores, cancellationToken));
        context.Meta(Kind, "teacher", ModelFolder.Digest(files));
        return Task.CompletedTask;

        string Text(string id) => documents.TryGetValue(id, out var document)
            ? PassageRendering.Of(document, options.Passage)
            : throw new WorkflowException($"The mined negatives name the document '{id}', which is not among the documents. Give the documents that they were mined from.");
    }
}
