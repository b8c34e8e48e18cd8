using System.Globalization;

namespace Trainer.Evaluation;

/// <summary>What a metric measures.</summary>
public enum MetricKind
{
    /// <summary>Normalised discounted cumulative gain, discount log2(rank + 1) (Järvelin and Kekäläinen 2002).</summary>
    Ndcg,

    /// <summary>Reciprocal rank of the first relevant document.</summary>
    Mrr,

    /// <summary>Share of the relevant documents found.</summary>
    Recall,

    /// <summary>Average precision.</summary>
    Map,

    /// <summary>Precision.</summary>
    Precision,

    /// <summary>Whether any relevant document was found.</summary>
    Accuracy,
}

/// <summary>A metric and its cut, written <c>ndcg@10</c>; without a cut (<c>mrr</c>) the whole list counts.</summary>
/// <param name="Kind">What is measured.</param>
/// <param name="Cut">How many results count; <see cref="int.MaxValue"/> for all.</param>
public readonly record struct Metric(MetricKind Kind, int Cut)
{
    static readonly Dictionary<string, MetricKind> Kinds = new(StringComparer.Ordinal)
    {
        ["ndcg"] = MetricKind.Ndcg,
        ["mrr"] = MetricKind.Mrr,
        ["recall"] = MetricKind.Recall,
        ["map"] = MetricKind.Map,
        ["p"] = MetricKind.Precision,
        ["accuracy"] = MetricKind.Accuracy,
    };

    /// <summary>ndcg@10, mrr@10, recall@100, map@100, p@10: what every report shows.</summary>
    public static IReadOnlyList<Metric> Standard { get; } =
        [new(MetricKind.Ndcg, 10), new(MetricKind.Mrr, 10), new(MetricKind.Recall, 100), new(MetricKind.Map, 100), new(MetricKind.Precision, 10)];

    /// <summary>The name: <c>ndcg@10</c>.</summary>
    public override string ToString()
    {
        var kind = Kind;
        var name = Kinds.First(k => k.Value == kind).Key;
        return Cut == int.MaxValue ? name : $"{name}@{Cut.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Reads a name as <see cref="ToString"/> writes it.</summary>
    /// <exception cref="TrainerException">Not a metric.</exception>
    public static Metric Parse(string name)
    {
        var at = name.IndexOf('@');
        var cut = int.MaxValue;
        var known = Kinds.TryGetValue(at < 0 ? name : name[..at], out var kind);
        if (!known || (at >= 0 && (!int.TryParse(name.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out cut) || cut < 1)))
        {
            throw new TrainerException($"Found metric '{name}'; expected one of {string.Join(", ", Kinds.Keys)}, with a cut of at least 1: ndcg@10.");
        }

        return new Metric(kind, cut);
    }
}
