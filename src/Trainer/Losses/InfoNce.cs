using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// InfoNCE with in-batch and hard negatives (van den Oord, Li and Vinyals 2018; Henderson and others 2017: "multiple negatives ranking"; sentence-transformers' <c>MultipleNegativesRankingLoss</c>):
/// the mean over rows of -log( exp(s(q_r, p_r) / τ) / Σ exp(s / τ) ), the sum over what the directions compare and nothing excludes. A query and itself, and a positive and its own query's passages,
/// are never compared. Figures, where candidates are excluded: <c>masked</c>, <c>masked_rows</c>.
/// </summary>
/// <param name="temperature">τ.</param>
/// <param name="symmetric">Short for query to passage and passage to query, one softmax each.</param>
public sealed class InfoNce(double temperature = 0.05, bool symmetric = false) : ILoss
{
    /// <summary>Who is compared with whom; query to passage is always among them.</summary>
    /// <value>Default: query to passage; both ways where symmetric.</value>
    public IReadOnlyList<Direction> Directions { get; init; } = symmetric ? [Direction.QueryDoc, Direction.DocQuery] : [Direction.QueryDoc];

    /// <summary>Over what the softmax is taken. One for each direction needs directions that hold the pair sought: query to passage and passage to query.</summary>
    /// <value>Default: joint; one each where symmetric.</value>
    public Partition Partition { get; init; } = symmetric ? Partition.PerDirection : Partition.Joint;

    /// <summary>How embeddings are compared.</summary>
    /// <value>Default: cos.</value>
    public Similarity Similarity { get; init; } = Similarity.Cos;

    /// <summary>Negatives that weigh more the closer they are: <see cref="HardnessStrength"/> times their similarity to the query, not divided by τ and without a gradient, is added to their score.</summary>
    /// <value>Default: none.</value>
    public Hardness Hardness { get; init; }

    /// <summary>How much more.</summary>
    /// <value>Default: 0.</value>
    public double HardnessStrength { get; init; }

    /// <inheritdoc/>
    public LossNeeds Needs => Hardness is Hardness.InBatch or Hardness.Hard || Directions.Contains(Direction.DocDoc) ? LossNeeds.OwnCandidates : LossNeeds.None;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        Require();
        using var scope = NewDisposeScope();
        var (queries, passages) = (Similarity.Ready(inputs.Queries.Dense!), Similarity.Ready(inputs.Passages.Dense!));
        var parts = new List<(Tensor Scores, Tensor? Hidden)>();
        foreach (var direction in new[] { Direction.QueryDoc, Direction.QueryQuery, Direction.DocQuery, Direction.DocDoc }.Where(Directions.Contains))
        {
            var from = (direction is Direction.QueryDoc or Direction.QueryQuery ? queries : passages).narrow(0, rows.Start, rows.Count);
            var to = direction is Direction.QueryDoc or Direction.DocDoc ? passages : queries;
            var similar = matmul(from, to.t());
            var scores = similar / temperature;
            parts.Add((direction == Direction.QueryDoc ? Weighted(scores, similar, inputs, rows) : scores, Hidden(direction, inputs, rows)));
        }

        var loss = Partition == Partition.Joint
            ? Candidates.CrossEntropy(cat(parts.Select(Masked).ToArray(), 1), null, rows)
            : parts.Select(p => Candidates.CrossEntropy(p.Scores, p.Hidden, rows)).Aggregate((sum, next) => sum + next) / parts.Count;
        return new LossValue(loss / inputs.Count) { Parts = Candidates.Excluded(inputs, rows) is { } excluded ? Candidates.Figures(excluded, 0, inputs.Count) : [] }.MoveToOuterDisposeScope();

        static Tensor Masked((Tensor Scores, Tensor? Hidden) part) => part.Hidden is null ? part.Scores : part.Scores.masked_fill(part.Hidden, double.NegativeInfinity);
    }

    static Tensor? Hidden(Direction direction, LossInputs inputs, RowRange rows) => direction switch
    {
        Direction.QueryDoc => Candidates.Excluded(inputs, rows),
        Direction.DocQuery => Candidates.ExcludedQueries(inputs, rows),
        Direction.QueryQuery => Candidates.Or(Candidates.Diagonal(rows, inputs.Count, inputs.Device), Candidates.ExcludedPairs(inputs, rows)),
        _ => Candidates.Or(Candidates.IsOwn(inputs, rows), Candidates.Excluded(inputs, rows)),
    };

    Tensor Weighted(Tensor scores, Tensor similar, LossInputs inputs, RowRange rows)
    {
        if (Hardness == Hardness.None || HardnessStrength == 0)
        {
            return scores;
        }

        var positives = Candidates.Diagonal(rows, similar.shape[1], similar.device);
        var spared = Hardness switch
        {
            Hardness.All => positives,
            Hardness.InBatch => Candidates.IsOwn(inputs, rows),
            _ => Candidates.IsOwn(inputs, rows).logical_not().logical_or(positives),
        };
        return scores + (similar.detach() * HardnessStrength).masked_fill(spared, 0);
    }

    /// <summary>Refuses directions that hold no pair sought.</summary>
    internal void Require()
    {
        if (!Directions.Contains(Direction.QueryDoc))
        {
            throw new TrainerException($"InfoNCE got the directions {string.Join(", ", Directions)}; expected query_doc among them, which holds the pairs sought.");
        }

        if (Partition == Partition.PerDirection && (Directions.Contains(Direction.QueryQuery) || Directions.Contains(Direction.DocDoc)))
        {
            throw new TrainerException("InfoNCE with one softmax for each direction got query_query or doc_doc, which never hold the pair sought; expected partition joint, or query_doc and doc_query alone.");
        }
    }
}
