using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// A batch as a loss sees it: embeddings and what is known of its candidates. Candidates stand in one order everywhere: first the B positives, that of row r at r, then the hard negatives.
/// Embeddings are as the encoder gives them; a loss that wants unit vectors makes them.
/// </summary>
public sealed record LossInputs
{
    /// <summary>Embeddings of the B queries.</summary>
    public required HeadOutputs Queries { get; init; }

    /// <summary>Embeddings of the C candidates, the B positives first.</summary>
    public required HeadOutputs Passages { get; init; }

    /// <summary>Embeddings of the queries by a second pass with other dropout, for losses that ask for it (<see cref="ILoss.QueryPasses"/>); else null.</summary>
    public HeadOutputs? QueriesAgain { get; init; }

    /// <summary>Candidates that are no negatives of a query, (B, C) of Bool, never true at (r, r); null for none.</summary>
    public Tensor? Excluded { get; init; }

    /// <summary>Each query's own candidates, (B, G) of Int64: their places among the candidates, the positive's in column 0; -1 where a row has fewer. Null where no loss asks.</summary>
    public Tensor? Own { get; init; }

    /// <summary>A teacher's scores of each query's own candidates, (B, G); no number where there is none. Null without a teacher.</summary>
    public Tensor? TeacherScores { get; init; }

    /// <summary>A guide's embeddings of the queries, (B, Dg), without a gradient; null without a guide.</summary>
    public Tensor? GuideQueries { get; init; }

    /// <summary>A guide's embeddings of the candidates, (C, Dg), without a gradient; null without a guide.</summary>
    public Tensor? GuidePassages { get; init; }

    /// <summary>Optimizer steps of the phase before this one, for losses that change their form.</summary>
    public int Step { get; init; }

    /// <summary>Number of queries, B.</summary>
    public int Count => Queries.Count;

    /// <summary>Where the embeddings lie.</summary>
    public Device Device => Queries.Tensors[0].device;

    /// <summary>All rows.</summary>
    public RowRange AllRows => new(0, Count);

    /// <summary>A batch of dense embeddings alone.</summary>
    /// <param name="queries">(B, D).</param>
    /// <param name="passages">(C, D).</param>
    /// <param name="excluded">(B, C) of Bool; null for none.</param>
    public static LossInputs Dense(Tensor queries, Tensor passages, Tensor? excluded = null) =>
        new() { Queries = new HeadOutputs { Dense = queries }, Passages = new HeadOutputs { Dense = passages }, Excluded = excluded };
}
