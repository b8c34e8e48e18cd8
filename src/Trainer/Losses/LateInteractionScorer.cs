using Trainer.Heads;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>Late interaction of multi-vector embeddings (<see cref="MaxSim"/>).</summary>
/// <param name="similarity">Whether every vector is scaled to length one first.</param>
/// <param name="convention">What padding and length do. With <see cref="MaxSimConvention.SentenceTransformers"/> a score depends on its two texts alone.</param>
public sealed class LateInteractionScorer(Similarity similarity = Similarity.Cos, MaxSimConvention convention = MaxSimConvention.SentenceTransformers) : IPairScorer
{
    /// <inheritdoc/>
    public HeadSet Heads => HeadSet.MultiVector;

    /// <inheritdoc/>
    public Tensor All(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        return MaxSim.Scores(Ready(inputs.Queries.MultiVector!.Narrow(rows)), Ready(inputs.Passages.MultiVector!), convention).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Own(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var own = Candidates.Own(inputs, rows);
        if (convention is MaxSimConvention.FlagEmbedding or MaxSimConvention.PyLate)
        {
            // There a score depends on the longest passage of the batch, which the rows' own candidates need not have among them.
            return Candidates.Pick(All(inputs, rows), own, rows).MoveToOuterDisposeScope();
        }

        using var places = own.cpu();
        var passages = inputs.Passages.MultiVector!.Select(places.contiguous().data<long>().ToArray());
        return MaxSim.OwnScores(Ready(inputs.Queries.MultiVector!.Narrow(rows)), Ready(passages), convention).MoveToOuterDisposeScope();
    }

    MultiVectors Ready(MultiVectors texts) => similarity == Similarity.Cos ? new MultiVectors(normalize(texts.Values), [.. texts.Offsets]) : texts;
}
