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
    public Tensor Compute(Tensor queries, Tensor passages, Tensor? excluded)
    {
        using var scope = NewDisposeScope();
        var scores = matmul(normalize(queries), normalize(passages).t()) / temperature;
        if (excluded is not null)
        {
            scores = scores.masked_fill(excluded, double.NegativeInfinity);
        }

        var own = arange(queries.shape[0], ScalarType.Int64, queries.device);
        var loss = cross_entropy(scores, own);
        if (symmetric)
        {
            loss = (loss + cross_entropy(scores.narrow(1, 0, queries.shape[0]).t(), own)) / 2;
        }

        return loss.MoveToOuterDisposeScope();
    }
}
