using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>
/// GIST (Solatorio 2024; sentence-transformers' <c>GISTEmbedLoss</c>): InfoNCE by cosine, in which a guide drops false negatives. A candidate of row r is dropped where the guide's cosine exceeds
/// the guide's cosine of query r and its positive, less a margin. Candidates: all passages to the query, and, as wanted, the other queries to the query and the other positives to the positive.
/// The own positive is never dropped, a text is never its own candidate; a row of which only the positive is left has loss 0.
/// Figures: <c>masked</c>, the share of negatives that is dropped, and <c>masked_rows</c>, rows of which all are.
/// </summary>
/// <param name="temperature">τ.</param>
public sealed class Gist(double temperature = 0.01) : ILoss
{
    /// <summary>How far below the positive's similarity the threshold lies; below 0 it lies above.</summary>
    /// <value>Default: 0.</value>
    public double Margin { get; init; }

    /// <summary>How the margin counts.</summary>
    /// <value>Default: absolute.</value>
    public MarginKind MarginKind { get; init; } = MarginKind.Absolute;

    /// <summary>Whether the other queries are candidates to a query.</summary>
    /// <value>Default: true.</value>
    public bool ContrastAnchors { get; init; } = true;

    /// <summary>Whether the other positives are candidates to a positive.</summary>
    /// <value>Default: true.</value>
    public bool ContrastPositives { get; init; } = true;

    /// <summary>Takes the student's own cosines, without a gradient, as the guide's. With a margin of -0.1 this is the rule of Qwen3-Embedding: s_ij &gt; s_pos + 0.1.</summary>
    /// <value>Default: false.</value>
    public bool SelfGuide { get; init; }

    /// <inheritdoc/>
    public LossNeeds Needs => SelfGuide ? LossNeeds.None : LossNeeds.Guide;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var (queries, passages) = (normalize(inputs.Queries.Dense!), normalize(inputs.Passages.Dense!));
        var (guideQueries, guidePassages) = SelfGuide ? (queries.detach(), passages.detach()) : Guide(inputs);

        // The positive's similarity is taken from the same product as the candidates', so that a copy of the positive is as near as the positive to the last bit, and is kept.
        var seen = matmul(Rows(guideQueries, rows), guidePassages.t());
        var near = seen.gather(1, arange(rows.Start, rows.End, ScalarType.Int64, inputs.Device).unsqueeze(1));
        var threshold = MarginKind == MarginKind.Absolute ? near - Margin : near - (near.abs() * Margin);
        var self = Candidates.Diagonal(rows, inputs.Count, inputs.Device);
        var scores = new List<Tensor> { matmul(Rows(queries, rows), passages.t()) };
        var own = Candidates.Diagonal(rows, passages.shape[0], inputs.Device);
        var hidden = new List<Tensor> { Candidates.Or(seen.gt(threshold), Candidates.Excluded(inputs, rows))!.masked_fill(own, 0) };
        if (ContrastAnchors)
        {
            scores.Add(matmul(Rows(queries, rows), queries.t()));
            hidden.Add(Dropped(guideQueries, guideQueries, Candidates.Or(self, Candidates.ExcludedPairs(inputs, rows))));
        }

        if (ContrastPositives)
        {
            scores.Add(matmul(Rows(passages, rows), passages.narrow(0, 0, inputs.Count).t()));
            hidden.Add(Dropped(guidePassages, guidePassages.narrow(0, 0, inputs.Count), Candidates.Or(self, Candidates.Excluded(inputs, rows)?.narrow(1, 0, inputs.Count))));
        }

        var mask = cat(hidden.ToArray(), 1);
        var loss = Candidates.CrossEntropy(cat(scores.ToArray(), 1) / temperature, mask, rows) / inputs.Count;
        return new LossValue(loss) { Parts = Candidates.Figures(mask, hidden.Count - 1, inputs.Count) }.MoveToOuterDisposeScope();

        Tensor Dropped(Tensor from, Tensor to, Tensor? also) => Candidates.Or(matmul(Rows(from, rows), to.t()).gt(threshold), also)!;
    }

    static Tensor Rows(Tensor all, RowRange rows) => all.narrow(0, rows.Start, rows.Count);

    static (Tensor Queries, Tensor Passages) Guide(LossInputs inputs) => inputs is { GuideQueries: { } queries, GuidePassages: { } passages }
        ? (normalize(queries.detach()), normalize(passages.detach()))
        : throw new TrainerException("GIST got a batch without a guide's embeddings; name a guide, or say self_guide: true to take the model's own similarities.");
}
