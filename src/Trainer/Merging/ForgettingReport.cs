using System.Globalization;
using DataPrep;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Training.Watching;

namespace Trainer.Merging;

/// <summary>A metric on a collection, before and after.</summary>
/// <param name="Collection">Name of the collection.</param>
/// <param name="Metric">Name of the metric; higher is better.</param>
/// <param name="Before">Value of the model before.</param>
/// <param name="After">Value of the model after.</param>
/// <param name="Exceeds">Whether it fell further than allowed.</param>
/// <param name="Change">After less before, query by query, with its 95 % interval; null where only means are known.</param>
public sealed record ForgettingRow(string Collection, string Metric, double Before, double After, bool Exceeds, Interval? Change = null)
{
    /// <summary>How far it fell; negative where it rose.</summary>
    public double Drop => Before - After;
}

/// <summary>What a model lost and won on named collections.</summary>
/// <param name="Rows">Collections in ordinal order, metrics in the order asked for.</param>
/// <param name="MaxDrop">Largest fall that is allowed.</param>
public sealed record ForgettingReport(IReadOnlyList<ForgettingRow> Rows, double MaxDrop)
{
    /// <summary>Whether any metric fell further than allowed.</summary>
    public bool Exceeded => Rows.Any(r => r.Exceeds);

    /// <summary>Compares two models' metrics.</summary>
    /// <param name="before">By collection, then metric.</param>
    /// <param name="after">The same of the later model; more is ignored.</param>
    /// <param name="options">What counts and how much.</param>
    /// <exception cref="TrainerException">A collection or metric is missing on a side, or is no number: what was not measured cannot be called kept.</exception>
    public static ForgettingReport Compare(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> before, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> after, ForgettingOptions options)
    {
        if (before.Count == 0 || options.Metrics.Count == 0)
        {
            throw new TrainerException($"A forgetting check needs a collection and a metric; found {before.Count} and {options.Metrics.Count}.");
        }

        var rows = from collection in before.Keys.Order(StringComparer.Ordinal)
                   from metric in options.Metrics
                   let was = Value(before, collection, metric, "before")
                   let now = Value(after, collection, metric, "after")
                   select new ForgettingRow(collection, metric, was, now, was - now > options.MaxDrop);
        return new ForgettingReport([.. rows], options.MaxDrop);
    }

    /// <summary>Measures two models on collections: exact search of all documents, profile trec, complete.</summary>
    /// <param name="before">The earlier model.</param>
    /// <param name="after">The later one.</param>
    /// <param name="collections">The collections.</param>
    /// <param name="options">What counts and how much.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrainerException">There is no collection or metric, or a metric is none.</exception>
    public static ForgettingReport Measure(
        EmbeddingModel before, EmbeddingModel after, IReadOnlyList<WatchCollection> collections, ForgettingOptions options, long seed, int threads,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var metrics = options.Metrics.Select(Metric.Parse).ToList();
        if (collections.Count == 0 || metrics.Count == 0)
        {
            throw new TrainerException($"A forgetting check needs a collection and a metric; found {collections.Count} and {metrics.Count}.");
        }

        var rows = new List<ForgettingRow>();
        foreach (var collection in collections.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            progress?.Report(new StageProgress(rows.Count / metrics.Count, collections.Count, "collections", $"searching {collection.Name}"));
            var (was, now) = (Of(before), Of(after));
            rows.AddRange(metrics.Select(m => new ForgettingRow(
                collection.Name, m.ToString(), was.Mean(m), now.Mean(m), was.Mean(m) - now.Mean(m) > options.MaxDrop, Bootstrap.PairedDifference(now.Values(m), was.Values(m), seed))));

            MetricReport Of(EmbeddingModel model)
            {
                var depth = Math.Min(collection.Collection.Documents.Count, metrics.Max(m => m.Cut));
                return MetricCalculator.Evaluate(
                    new QrelSet(collection.Collection.Qrels), RetrievalEvaluation.Dense(collection.Collection, model, depth, threads, cancellationToken), MetricProfile.Trec, complete: true, metrics);
            }
        }

        return new ForgettingReport(rows, options.MaxDrop);
    }

    /// <summary>A line for each row.</summary>
    public IEnumerable<string> Lines => Rows.Select(Line);

    /// <summary>Tells what was lost, and refuses it where the options say so.</summary>
    /// <param name="options">The policy.</param>
    /// <param name="say">Told each line.</param>
    /// <exception cref="TrainerException">More was lost than allowed, and the policy is to refuse.</exception>
    public void Require(ForgettingOptions options, Action<string> say)
    {
        foreach (var line in Lines)
        {
            say(line);
        }

        if (Exceeded && options.Policy == ForgettingPolicy.Refuse)
        {
            throw new TrainerException(
                $"The model forgot too much: {string.Join("; ", Rows.Where(r => r.Exceeds).Select(Line))}. Give the earlier model more weight, train less, or raise max_drop; policy 'tell' lets it pass.");
        }
    }

    string Line(ForgettingRow row) => string.Create(CultureInfo.InvariantCulture,
        $"{row.Collection} {row.Metric}: {row.Before:F4} before, {row.After:F4} after ({-row.Drop:+0.0000;-0.0000;0.0000}{(row.Change is var (_, low, high) ? string.Create(CultureInfo.InvariantCulture, $" [{low:+0.0000;-0.0000;0.0000}, {high:+0.0000;-0.0000;0.0000}]") : "")}){(row.Exceeds ? $", more than the {MaxDrop:0.####} that may be lost" : "")}");

    static double Value(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> metrics, string collection, string metric, string side) =>
        metrics.TryGetValue(collection, out var own) && own.TryGetValue(metric, out var value) && double.IsFinite(value) ? value
            : throw new TrainerException($"The metrics {side} have no number {metric} of '{collection}'. Found: {string.Join(", ", metrics.Keys.Order(StringComparer.Ordinal))}{(own is null ? "" : $" with {string.Join(", ", own.Keys.Order(StringComparer.Ordinal))}")}.");
}
