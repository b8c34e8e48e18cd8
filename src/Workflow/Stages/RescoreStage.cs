using System.ComponentModel.DataAnnotations;
using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;
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

    /// <summary>BM25 beside the cross-encoder, or in its place: where a cross-encoder was trained on little, it knows less than BM25 does.</summary>
    /// <value>Default: null, none.</value>
    public LexicalTeacher? Bm25 { get; init; }
}

/// <summary>BM25 as a teacher, over the passages that are scored.</summary>
public sealed record LexicalTeacher
{
    /// <summary>Text to terms.</summary>
    /// <value>Default: standard.</value>
    public string Analyzer { get; init; } = "standard";

    /// <summary>Factor of its scores before they are added to the cross-encoder's: these are logits, BM25's scores of long queries are some tens.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double Weight { get; init; } = 1;

    /// <summary>BM25's k1.</summary>
    /// <value>Default: 1.2.</value>
    [Range(0, 100)]
    public double K1 { get; init; } = 1.2;

    /// <summary>BM25's b.</summary>
    /// <value>Default: 0.75.</value>
    [Range(0, 1)]
    public double B { get; init; } = 0.75;
}

/// <summary>A teacher's scores of every training query with its positives and mined negatives, a cross-encoder's, BM25's or both together: what a distillation learns from.</summary>
sealed class RescoreStage : IStage
{
    internal const string Kind = "teacher_scores";

    const string ScoresFile = "scores.parquet";

    public string Name => "rescore";

    public string Version => "2";

    public Type OptionsType => typeof(RescoreOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("model", ["model"], Optional: true), new("pairs", ["pairs"]), new("documents", ["documents"]), new("mined", ["mined"])];

    public IReadOnlyList<string> Outputs { get; } = [Kind];

    public bool EnvironmentSensitive => true;

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (RescoreOptions)context.Options;
        var store = Composition.Tables(context);
        TorchSharp.torch.set_num_threads(context.Threads);
        var files = context.Artifact("model")?.Files();
        if (files is null && options.Bm25 is null)
        {
            throw new WorkflowException("There is nothing that scores: give a cross-encoder (from: { model: ... }), or bm25.");
        }

        using var model = files is null ? null : CrossEncoder.Load(CrossEncoder.Within(files));
        model?.Precision = options.Precision;
        var documents = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).ToDictionary(d => d.DocId, StringComparer.Ordinal);
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).Where(p => p.Split == "train").ToList();
        var queries = pairs.DistinctBy(p => p.QueryId).ToDictionary(p => p.QueryId, p => p.Query, StringComparer.Ordinal);
        var own = pairs.Where(p => p.Passage is not null).ToDictionary(p => (p.QueryId, p.DocId), p => p.Passage!);
        // As in training: a query made from a title meets no titles, which would give its positive away.
        var titles = pairs.Where(p => p.Generator == "title").Select(p => p.QueryId).ToHashSet(StringComparer.Ordinal);
        var wanted = new SortedSet<(string Query, string Document)>(Comparer<(string Query, string Document)>.Create((a, b) =>
            string.CompareOrdinal(a.Query, b.Query) is not 0 and var order ? order : string.CompareOrdinal(a.Document, b.Document)));
        wanted.UnionWith(pairs.Select(p => (p.QueryId, p.DocId)));
        wanted.UnionWith(RowTables.Negatives.Read(store, context.Paths("mined"), cancellationToken).Where(n => queries.ContainsKey(n.QueryId)).Select(n => (n.QueryId, n.NegativeDocId)));
        var lexical = options.Bm25 is { } bm25 ? Lexical(Texts(), bm25, context.Threads, cancellationToken) : null;
        var found = model is null
            ? Texts().Select(t => (t.Key, Score: 0f))
            : new PairScorer(model, ModelFolder.LoadTokenizer(CrossEncoder.Within(files!)), options.MaxLength).Score(Texts(), cancellationToken);
        var scores = found.Select((s, i) =>
        {
            if (i % 1000 == 0)
            {
                context.Progress(new StageProgress(i, wanted.Count, "pairs"));
            }

            return new TeacherScore(s.Key.Query, s.Key.Document, s.Score + (lexical?[i] ?? 0));
        });
        context.Describe(Kind, RowTables.TeacherScores.Write(store, Path.Combine(context.OutputFolder(Kind), ScoresFile), scores, cancellationToken));
        context.Meta(Kind, "teacher", string.Join(" + ", new[] { files is null ? null : ModelFolder.Digest(files), options.Bm25 is null ? null : "bm25" }.OfType<string>()));
        return Task.CompletedTask;

        IEnumerable<((string Query, string Document) Key, string Query, string Passage)> Texts() =>
            wanted.Select(w => (w, queries[w.Query], own.GetValueOrDefault(w) ?? Text(w.Document, titles.Contains(w.Query))));

        string Text(string id, bool withoutTitle) => documents.TryGetValue(id, out var document)
            ? PassageRendering.Of(document, withoutTitle ? PassageText.Content : options.Passage)
            : throw new WorkflowException($"The mined negatives name the document '{id}', which is not among the documents. Give the documents that they were mined from.");
    }

    // Weighted scores of BM25 in an index of all passages that are scored.
    static float[] Lexical<T>(IEnumerable<(T Key, string Query, string Passage)> texts, LexicalTeacher options, int threads, CancellationToken cancellationToken)
    {
        var (ordinals, pairs) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<(string Query, int Passage)>());
        foreach (var (_, query, passage) in texts)
        {
            ordinals.TryAdd(passage, ordinals.Count);
            pairs.Add((query, ordinals[passage]));
        }

        var index = Bm25Index.Build(ordinals.Keys, AnalyzerTable.Create(options.Analyzer), new Bm25Options { K1 = options.K1, B = options.B }, threads, cancellationToken: cancellationToken);
        return [.. pairs.Select(p => (float)(options.Weight * index.Score(p.Query, p.Passage)))];
    }
}
