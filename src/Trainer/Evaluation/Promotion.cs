using System.Globalization;
using DataPrep;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Evaluation;

/// <summary>What became of a candidate.</summary>
public enum PromotionVerdict
{
    /// <summary>There was no model to compare with.</summary>
    First,

    /// <summary>It is not worse, and replaces the current one.</summary>
    Promote,

    /// <summary>It is worse, or too few queries could tell: the current one stays.</summary>
    Keep,

    /// <summary>It is the current one.</summary>
    Same,
}

/// <summary>A decision between a candidate and the current model.</summary>
/// <param name="Verdict">What became of the candidate.</param>
/// <param name="Metric">What both were measured by.</param>
/// <param name="Alpha">Level of the test.</param>
/// <param name="Margin">What the candidate may be worse by.</param>
/// <param name="Candidate">Digest of the candidate.</param>
/// <param name="Current">Digest of the current model; null where there was none.</param>
/// <param name="Documents">Documents searched.</param>
/// <param name="Queries">Held-out queries.</param>
/// <param name="CandidateMean">The candidate's mean over them.</param>
/// <param name="Comparison">The paired test; null where there was nothing to compare.</param>
/// <param name="Reason">All of it in a sentence.</param>
public sealed record PromotionDecision(
    PromotionVerdict Verdict, string Metric, double Alpha, double Margin, string Candidate, string? Current, int Documents, int Queries, double CandidateMean, PairedComparison? Comparison, string Reason);

/// <summary>Decides whether a candidate model replaces the current one: both search the same documents for the same held-out queries, and a paired test says whether the candidate is worse.</summary>
public static class Promotion
{
    /// <summary>Decides.</summary>
    /// <param name="test">Documents, held-out queries and judgments.</param>
    /// <param name="candidate">The candidate.</param>
    /// <param name="current">The current model; null where there is none.</param>
    /// <param name="options">Metric, level, margin.</param>
    /// <param name="seed">Seed of the test's draws.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TrainerException">There is no held-out query, or the metric is none.</exception>
    public static PromotionDecision Run(
        RetrievalCollection test, EmbeddingModel candidate, EmbeddingModel? current, PromotionOptions options, long seed, int threads, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (test.Queries.Count == 0)
        {
            throw new TrainerException("No held-out query to compare models on. Expected pairs with a test split: set `split: { test: ... }` of the pairs stage.");
        }

        set_num_threads(threads);
        var metric = Metric.Parse(options.Metric);
        var qrels = new QrelSet(test.Qrels);
        var found = Values(candidate, "candidate");
        var mean = found.Sum() / found.Length;
        var decision = new PromotionDecision(PromotionVerdict.First, options.Metric, options.Alpha, options.Margin, candidate.Digest, current?.Digest, test.Documents.Count, found.Length, mean, null, "");
        if (current is null)
        {
            return decision with { Reason = $"the first model in its slot: {options.Metric} {Number(mean)} on {found.Length} held-out queries" };
        }

        if (current.Digest == candidate.Digest)
        {
            return decision with { Verdict = PromotionVerdict.Same, Reason = $"the candidate is the current model: {options.Metric} {Number(mean)} on {found.Length} held-out queries" };
        }

        var compared = PairedTest.Worse(found, Values(current, "current model"), seed, options.Resamples, options.Margin);
        var tooFew = compared.Queries < options.MinQueries;
        var keep = tooFew || compared.PWorse <= options.Alpha;
        var figures = $"{options.Metric} {Number(compared.Candidate)} against {Number(compared.Current)} on {compared.Queries} held-out queries, difference {Signed(compared.Difference.Mean)} [{Signed(compared.Difference.Low)}, {Signed(compared.Difference.High)}], "
            + $"{compared.Better} better, {compared.Worse} worse, {compared.Equal} equal, p {(compared.PWorse < 0.0001 ? "< .0001" : Number(compared.PWorse))} that it is worse by {(options.Margin > 0 ? $"more than {options.Margin.ToString(CultureInfo.InvariantCulture)}" : "chance")}";
        return decision with
        {
            Verdict = keep ? PromotionVerdict.Keep : PromotionVerdict.Promote,
            Comparison = compared,
            Reason = (keep ? tooFew ? $"kept the current model, for {compared.Queries} queries are fewer than the {options.MinQueries} asked for: " : "kept the current model, the candidate is worse: " : "replaced the current model, the candidate is not worse: ") + figures,
        };

        double[] Values(EmbeddingModel model, string what)
        {
            progress?.Report(new StageProgress(0, test.Queries.Count, "queries", $"searching with the {what}"));
            var report = MetricCalculator.Evaluate(qrels, RetrievalEvaluation.Dense(test, model, Math.Min(metric.Cut, test.Documents.Count), threads, cancellationToken), MetricProfile.Trec, complete: true, [metric]);
            return report.Values(metric);
        }
    }

    static string Number(double value) => value.ToString(".0000;-.0000", CultureInfo.InvariantCulture);

    static string Signed(double value) => value.ToString("+.0000;-.0000;.0000", CultureInfo.InvariantCulture);
}
