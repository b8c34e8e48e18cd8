using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Scores of queries with passages by one kind of embedding. Losses over scores take it as a parameter: the same formula serves dense, sparse and multi-vector embeddings.</summary>
public interface IPairScorer
{
    /// <summary>Embeddings it reads.</summary>
    HeadSet Heads { get; }

    /// <summary>Scores of some rows' queries with all candidates, (R, C).</summary>
    Tensor All(LossInputs inputs, RowRange rows);

    /// <summary>Scores of some rows' queries with their own candidates, (R, G); any number where there is none.</summary>
    Tensor Own(LossInputs inputs, RowRange rows) => Candidates.Pick(All(inputs, rows), Candidates.Own(inputs, rows), rows);
}
