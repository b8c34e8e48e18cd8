using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Training.Watching;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>Measures the cosines of a fixed, seeded sample of training rows: positives, in-batch negatives, hard negatives, and random pairs of either side.</summary>
/// <param name="set">The training rows.</param>
/// <param name="seed">Seed of the sample.</param>
/// <param name="rows">Rows looked at.</param>
public sealed class CosineProbe(TrainingSet set, long seed, int rows = 512)
{
    /// <summary>Number of bins from -1 to 1.</summary>
    public const int Bins = 64;

    // Texts embedded at a time: what training itself holds at least.
    const int AtOnce = 64;

    readonly IReadOnlyList<IndexedRow> _rows = Sample.Take(set.Rows, rows, seed, "cosine probe");

    /// <summary>Histograms of the model as it is.</summary>
    public IReadOnlyList<CosineHistogram> Measure(EmbeddingModel model, long step) => Read(model, step, CancellationToken.None).Histograms;

    /// <summary>Everything that the sample tells of the model as it is.</summary>
    public CosineReading Read(EmbeddingModel model, long step, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var n = _rows.Count;
        var queryRows = _rows.Select(r => r.Query).ToArray();
        var positiveRows = _rows.Select(r => r.Positive).ToArray();
        var excluded = set.FalseNegatives(queryRows, positiveRows);
        var queries = Unit(model, set.Queries, queryRows, TextRole.Query, cancellationToken);
        var passages = Unit(model, set.Passages, positiveRows, TextRole.Passage, cancellationToken);
        var cosines = Cosines(queries, passages);

        var positives = Enumerable.Range(0, n).Select(r => cosines[(r * n) + r]).ToArray();
        var alignment = positives.Average(c => 2 - (2 * c));
        List<CosineHistogram> histograms =
        [
            CosineStatistics.Histogram(step, WatchKeys.Positive, positives),
            CosineStatistics.Histogram(step, WatchKeys.InBatch, [.. Enumerable.Range(0, n * n).Where(i => i / n != i % n && !excluded[i]).Select(i => cosines[i])], positives),
        ];
        var hard = _rows.SelectMany((r, i) => r.Negatives.Select(p => (Row: (long)i, Passage: p))).ToArray();
        if (hard.Length > 0)
        {
            var negatives = Unit(model, set.Passages, [.. hard.Select(h => h.Passage)], TextRole.Passage, cancellationToken);
            var own = queries.index_select(0, tensor(hard.Select(h => h.Row).ToArray()));
            histograms.Add(CosineStatistics.Histogram(step, WatchKeys.HardNegative, (own * negatives).sum(1).data<double>().ToArray(), positives));
        }

        var queryPairs = Pairs(queries, Firsts(queryRows));
        var passagePairs = Pairs(passages, Firsts([.. positiveRows.Select(p => set.Clusters[p])]));
        return new CosineReading(histograms, alignment, (Uniformity(queryPairs) + Uniformity(passagePairs)) / 2, Deviation(queryPairs), Deviation(passagePairs))
        {
            ZeroSparse = model.Encoder.Heads.HasFlag(HeadSet.Sparse)
                ? (double)(Empty(model, set.Queries, queryRows, TextRole.Query, cancellationToken) + Empty(model, set.Passages, positiveRows, TextRole.Passage, cancellationToken)) / (2 * n)
                : null,
        };
    }

    // Unit vectors, (rows, D) of Float64 on the host: sums of 64 bits do not depend on how a product was cut.
    static Tensor Unit(EmbeddingModel model, TokenStore texts, int[] rows, TextRole role, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (var from = 0; from < rows.Length; from += AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var part = model.Embed(texts.Gather(rows.AsSpan(from, Math.Min(AtOnce, rows.Length - from))), role).cpu().to(float64);
            parts.Add(nn.functional.normalize(part).MoveToOuterDisposeScope());
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    // Texts without a single sparse weight.
    static int Empty(EmbeddingModel model, TokenStore texts, int[] rows, TextRole role, CancellationToken cancellationToken)
    {
        model.Encoder.Training = false;
        var empty = 0;
        for (var from = 0; from < rows.Length; from += AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            empty += model.Encoder.Outputs(texts.Gather(rows.AsSpan(from, Math.Min(AtOnce, rows.Length - from))), role, HeadSet.Sparse).Sparse!.Empty;
        }

        return empty;
    }

    static double[] Cosines(Tensor a, Tensor b) => matmul(a, b.t()).data<double>().ToArray();

    // The first row of each key: a text that stands in several rows is one text.
    static int[] Firsts(int[] keys) => [.. keys.Select((k, i) => (Key: k, Row: i)).DistinctBy(k => k.Key).Select(k => k.Row)];

    static double[] Pairs(Tensor units, int[] rows)
    {
        var chosen = units.index_select(0, tensor(Array.ConvertAll(rows, r => (long)r)));
        var cosines = Cosines(chosen, chosen);
        return [.. Enumerable.Range(0, rows.Length).SelectMany(i => Enumerable.Range(i + 1, rows.Length - i - 1).Select(j => cosines[(i * rows.Length) + j]))];
    }

    static double Uniformity(double[] cosines) => cosines.Length == 0 ? double.NaN : Math.Log(cosines.Average(c => Math.Exp(-2 * (2 - (2 * c)))));

    static double Deviation(double[] cosines) => cosines.Length == 0 ? double.NaN : CosineStatistics.Moments(cosines).Deviation;
}
