using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>Counts the cosines of a fixed, seeded sample of training rows: positives, in-batch negatives, hard negatives. Drift of all three together warns of collapse.</summary>
/// <param name="set">The training rows.</param>
/// <param name="seed">Seed of the sample.</param>
/// <param name="rows">Rows looked at.</param>
public sealed class CosineProbe(TrainingSet set, long seed, int rows = 512)
{
    /// <summary>Number of bins from -1 to 1.</summary>
    public const int Bins = 64;

    readonly IReadOnlyList<IndexedRow> _rows = Sample.Take(set.Rows, rows, seed, "cosine probe");

    /// <summary>Histograms of the model as it is.</summary>
    public IReadOnlyList<CosineHistogram> Measure(EmbeddingModel model, long step)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var queryRows = _rows.Select(r => r.Query).ToArray();
        var positiveRows = _rows.Select(r => r.Positive).ToArray();
        var excluded = set.FalseNegatives(queryRows, positiveRows);
        var queries = nn.functional.normalize(model.Embed(set.Queries.Gather(queryRows), TextRole.Query)).cpu();
        var cosines = matmul(queries, nn.functional.normalize(model.Embed(set.Passages.Gather(positiveRows), TextRole.Passage)).cpu().t()).data<float>().ToArray();
        var n = _rows.Count;
        List<CosineHistogram> histograms =
        [
            Count(step, "positive", Enumerable.Range(0, n).Select(r => cosines[(r * n) + r])),
            Count(step, "in_batch", Enumerable.Range(0, n * n).Where(i => i / n != i % n && !excluded[i]).Select(i => cosines[i])),
        ];

        var hard = _rows.SelectMany((r, i) => r.Negatives.Select(p => (Row: (long)i, Passage: p))).ToArray();
        if (hard.Length > 0)
        {
            var passages = nn.functional.normalize(model.Embed(set.Passages.Gather(hard.Select(h => h.Passage).ToArray()), TextRole.Passage)).cpu();
            histograms.Add(Count(step, "hard_negative", (queries.index_select(0, tensor(hard.Select(h => h.Row).ToArray())) * passages).sum(1).data<float>().ToArray()));
        }

        return histograms;
    }

    static CosineHistogram Count(long step, string kind, IEnumerable<float> cosines)
    {
        var counts = new long[Bins];
        double sum = 0, squares = 0;
        long n = 0;
        foreach (var cosine in cosines)
        {
            counts[Math.Clamp((int)((cosine + 1) / 2 * Bins), 0, Bins - 1)]++;
            sum += cosine;
            squares += (double)cosine * cosine;
            n++;
        }

        var mean = n == 0 ? 0 : sum / n;
        return new CosineHistogram(step, kind, mean, n == 0 ? 0 : Math.Sqrt(Math.Max(0, (squares / n) - (mean * mean))), counts);
    }
}
