using Trainer.Heads;
using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Takes the queries' dense vectors for scores: of all candidates in the order of golden groups, or of the own ones.</summary>
sealed class GivenScores(int group, bool own) : IPairScorer
{
    public HeadSet Heads => HeadSet.Dense;

    public Tensor All(LossInputs inputs, RowRange rows) =>
        inputs.Queries.Dense!.narrow(0, rows.Start, rows.Count).index_select(1, GoldenBatch.Positions(inputs.Count, group));

    public Tensor Own(LossInputs inputs, RowRange rows) =>
        own ? inputs.Queries.Dense!.narrow(0, rows.Start, rows.Count) : throw new NotSupportedException();
}
