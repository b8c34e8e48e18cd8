using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>A loss over the scores that embeddings give each query's own candidates: distillation of a dual encoder, by dense, sparse or multi-vector embeddings.</summary>
/// <param name="scorer">What scores.</param>
/// <param name="inner">The loss over scores.</param>
public sealed class OwnCandidates(IPairScorer scorer, IScoreLoss inner) : ILoss
{
    /// <inheritdoc/>
    public HeadSet Heads => scorer.Heads;

    /// <inheritdoc/>
    public LossNeeds Needs => inner.Needs | LossNeeds.OwnCandidates;

    /// <inheritdoc/>
    public int QueryPasses => inner.Passes;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var own = Candidates.Group(inputs);
        var scores = new ScoreInputs
        {
            Scores = scorer.Own(inputs, rows),
            ScoresAgain = inputs.QueriesAgain is { } again && inner.Passes > 1 ? scorer.Own(inputs with { Queries = again }, rows) : null,
            Count = inputs.Count,
            Absent = own.lt(0),
            Teacher = inputs.TeacherScores,
        };
        return inner.Compute(scores, rows).MoveToOuterDisposeScope();
    }
}
