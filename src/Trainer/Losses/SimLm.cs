using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// SimLM's contrastive loss (Wang and others 2023; microsoft/unilm, simlm): one softmax over query to passages, positive to queries, query to queries and positive to positives, a text and its own
/// counterpart left out of the last three; cosines divided by τ. Figures, where candidates are excluded: <c>masked</c>, <c>masked_rows</c>.
/// </summary>
/// <param name="temperature">τ; 0.02 in SimLM's recipes.</param>
/// <param name="allPairs">Whether the last three are there.</param>
/// <param name="temperatureWarmup">Steps over which the factor 1 / τ grows from 1; 0 for none.</param>
public sealed class SimLm(double temperature = 0.05, bool allPairs = true, int temperatureWarmup = 0) : ILoss
{
    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var (scores, hidden) = Scores(inputs, rows);
        var excluded = Candidates.Excluded(inputs, rows);
        var loss = Candidates.CrossEntropy(scores, hidden, rows) / inputs.Count;
        return new LossValue(loss) { Parts = excluded is null ? [] : Candidates.Figures(excluded, 0, inputs.Count) }.MoveToOuterDisposeScope();
    }

    /// <summary>Scores, scaled, of which the first C are those with the passages, (R, C or C + 3 B), and what of them is hidden.</summary>
    internal (Tensor Scores, Tensor? Hidden) Scores(LossInputs inputs, RowRange rows)
    {
        var (queries, passages) = (Similarity.Cos.Ready(inputs.Queries.Dense!), Similarity.Cos.Ready(inputs.Passages.Dense!));
        var (query, positive) = (queries.narrow(0, rows.Start, rows.Count), passages.narrow(0, rows.Start, rows.Count));
        var scale = temperatureWarmup > 0 ? Math.Max(1, Math.Min(1.0, (double)inputs.Step / temperatureWarmup) / temperature) : 1 / temperature;
        var toPassages = matmul(query, passages.t());
        if (!allPairs)
        {
            return (toPassages * scale, Candidates.Excluded(inputs, rows));
        }

        var positives = passages.narrow(0, 0, inputs.Count);
        var scores = cat([toPassages, matmul(positive, queries.t()), matmul(query, queries.t()), matmul(positive, positives.t())], 1);
        var self = Candidates.Diagonal(rows, inputs.Count, inputs.Device);
        var hidden = cat(
            [
                Candidates.Excluded(inputs, rows) ?? zeros_like(toPassages, ScalarType.Bool),
                Candidates.Or(self, Candidates.ExcludedQueries(inputs, rows))!,
                Candidates.Or(self, Candidates.ExcludedPairs(inputs, rows))!,
                Candidates.Or(self, Candidates.Excluded(inputs, rows)?.narrow(1, 0, inputs.Count))!,
            ],
            1);
        return (scores * scale, hidden);
    }
}
