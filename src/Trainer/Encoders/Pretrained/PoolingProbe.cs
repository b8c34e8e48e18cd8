using System.Globalization;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Encoders.Pretrained;

/// <summary>
/// Measures what a way of pooling costs a model as it is, before it is trained: known pairs are encoded once and pooled every way, and each query looks for its own passage among all
/// of the probe's. A passage with the same tokens as a query's own counts as found.
/// </summary>
public sealed class PoolingProbe
{
    /// <summary>Pairs looked at.</summary>
    public const int Rows = 256;

    static readonly PoolingMode[] Modes = [PoolingMode.Cls, PoolingMode.Mean, PoolingMode.LastToken];

    PoolingProbe(int pairs, IReadOnlyList<PoolingReading> readings, double agreement) => (Pairs, Readings, ClsMeanCosine) = (pairs, readings, agreement);

    /// <summary>Pairs looked at.</summary>
    public int Pairs { get; }

    /// <summary>One reading per way of pooling.</summary>
    public IReadOnlyList<PoolingReading> Readings { get; }

    /// <summary>Mean cosine between the CLS and the mean embedding of a passage: far from 1, the two are different models.</summary>
    public double ClsMeanCosine { get; }

    /// <summary>Probes a model.</summary>
    /// <param name="files">The model.</param>
    /// <param name="set">Known pairs; the first <see cref="Rows"/> are looked at.</param>
    public static PoolingProbe Measure(FileSet files, TrainingSet set)
    {
        using var encoder = TransformerEncoder.Load(files);
        return Measure(encoder, set);
    }

    /// <summary>Probes an encoder.</summary>
    public static PoolingProbe Measure(TransformerEncoder encoder, TrainingSet set)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        encoder.Training = false;
        var rows = set.Rows.Take(Rows).ToList();
        var queries = Pool(encoder, set.Queries, [.. rows.Select(r => r.Query)]);
        var passages = Pool(encoder, set.Passages, [.. rows.Select(r => r.Positive)]);
        var readings = Modes.Select((mode, m) => Read(mode, queries[m], passages[m], set, rows)).ToList();
        var cosine = (passages[0] * passages[1]).sum(1).mean().ToDouble();
        return new PoolingProbe(rows.Count, readings, cosine);
    }

    /// <summary>What taking one way instead of another costs, in words.</summary>
    public string Text(PoolingMode right, PoolingMode wrong)
    {
        var (a, b) = (Of(right), Of(wrong));
        return a is null || b is null
            ? $"On {Pairs} pairs of the data the model finds the right passage first: {string.Join(", ", Readings.Select(r => $"{PoolingNames.Of(r.Mode)} {Share(r.Recall1)}"))}."
            : $"On {Pairs} pairs of the data the model as it is finds the right passage first for {Share(a.Recall1)} of queries with {PoolingNames.Of(right)} and {Share(b.Recall1)} with {PoolingNames.Of(wrong)} " +
              $"(among three: {Share(a.Recall3)}, {Share(b.Recall3)}); mean cosine between a passage's CLS and mean embedding: {ClsMeanCosine.ToString("F3", CultureInfo.InvariantCulture)}.";
    }

    PoolingReading? Of(PoolingMode mode) => Readings.FirstOrDefault(r => r.Mode == mode);

    static string Share(double share) => (share * 100).ToString("F1", CultureInfo.InvariantCulture) + " %";

    static List<Tensor> Pool(TransformerEncoder encoder, TokenStore texts, int[] rows)
    {
        var pooled = Modes.Select(_ => new List<Tensor>()).ToList();
        foreach (var batch in rows.Chunk(32))
        {
            using var inner = NewDisposeScope();
            var states = encoder.Forward(texts.Gather(batch));
            var (hidden, mask) = (states.Padded(), states.Mask());
            for (var m = 0; m < Modes.Length; m++)
            {
                pooled[m].Add(Pooling.Normalize(Pooling.Pool(hidden, mask, Modes[m])).MoveToOuterDisposeScope());
            }
        }

        return [.. pooled.Select(p => cat(p, 0))];
    }

    static PoolingReading Read(PoolingMode mode, Tensor queries, Tensor passages, TrainingSet set, List<IndexedRow> rows)
    {
        var scores = queries.mm(passages.t()).cpu().data<float>().ToArray();
        int first = 0, three = 0;
        for (var r = 0; r < rows.Count; r++)
        {
            var own = scores[(r * rows.Count) + r];
            var better = 0;
            for (var c = 0; c < rows.Count; c++)
            {
                better += scores[(r * rows.Count) + c] > own && !set.Passages[rows[c].Positive].SequenceEqual(set.Passages[rows[r].Positive]) ? 1 : 0;
            }

            first += better == 0 ? 1 : 0;
            three += better < 3 ? 1 : 0;
        }

        return new PoolingReading(mode, first / (double)rows.Count, three / (double)rows.Count);
    }
}
