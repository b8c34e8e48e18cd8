using System.Text.Json;
using DataPrep.Pairs;

namespace Workflow.Stages;

/// <summary>Documents to training pairs, and dev and test queries from documents that training never sees.</summary>
sealed class PairsStage : IStage
{
    public string Name => "pairs";

    public string Version => "1";

    public Type OptionsType => typeof(PairOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("documents", ["documents"])];

    public IReadOnlyList<string> Outputs { get; } = ["pairs"];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var made = PairGeneration.Run(
            Composition.Tables(context), context.Paths("documents"), (PairOptions)context.Options, context.Seed, context.OutputFolder("pairs"), context.Reporter(), cancellationToken);
        foreach (var file in made.Pairs)
        {
            context.Describe("pairs", file);
        }

        context.Meta("pairs", "counts", JsonSerializer.Serialize(made.Counts, StageJson.Options));
        if (made.Counts.DevQueries < made.Counts.DevAsked || made.Counts.TestQueries < made.Counts.TestAsked)
        {
            context.Log($"fewer held-out queries than asked: dev {made.Counts.DevQueries} of {made.Counts.DevAsked}, test {made.Counts.TestQueries} of {made.Counts.TestAsked}");
        }

        return Task.CompletedTask;
    }
}
