using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>
/// InfoNCE with in-batch and hard negatives (van den Oord, Li and Vinyals 2018; Henderson and others 2017: "multiple negatives ranking"):
/// the mean over rows of -log( exp(cos(q_r, p_r) / τ) / Σ_c exp(cos(q_r, p_c) / τ) ), c over the candidates not excluded.
/// Symmetric adds the same for finding the query given its positive, among the batch's queries, and takes the mean of both.
/// </summary>
/// <param name="temperature">τ.</param>
/// <param name="symmetric">Whether the direction passage to query is added.</param>
public sealed class InfoNce(double temperature = 0.05, bool symmetric = false) : ILoss
{
    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var (queries, passages) = (normalize(inputs.Queries.Dense!), normalize(inputs.Passages.Dense!));
        var own = arange(rows.Start, rows.End, ScalarType.Int64, queries.device);
        var loss = CrossEntropy(matmul(queries.narrow(0, rows.Start, rows.Count), passages.t()), inputs.Excluded?.narrow(0, rows.Start, rows.Count));
        if (symmetric)
        {
            // The other direction ranks the queries: an excluded pair is excluded both ways.
            var excluded = inputs.Excluded?.narrow(1, rows.Start, rows.Count).t();
            loss = (loss + CrossEntropy(matmul(passages.narrow(0, rows.Start, rows.Count), queries.t()), excluded)) / 2;
        }

        return new LossValue((loss / inputs.Count).MoveToOuterDisposeScope());

        Tensor CrossEntropy(Tensor cosines, Tensor? excluded)
        {
            var scores = cosines / temperature;
            scores = excluded is null ? scores : scores.masked_fill(excluded, double.NegativeInfinity);
            return cross_entropy(scores, own, reduction: nn.Reduction.Sum);
        }
    }
}
