using DataPrep.Shards;

namespace Workflow.Stages;

/// <summary>Training pairs and their negatives to Parquet shards in a seeded global order.</summary>
sealed class ShardStage : IStage
{
    public string Name => "shard";

    public string Version => "1";

    public Type OptionsType => typeof(ShardOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } =
    [
        new("pairs", ["pairs"]), new("documents", ["documents"]), new("duplicates", ["duplicates"], Optional: true), new("mined", ["mined"], Optional: true),
    ];

    public IReadOnlyList<string> Outputs { get; } = ["shards"];

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => StagePartitions.Count(((ShardOptions)options).Partitions);

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (ShardOptions)context.Options;
        if (context.Partition is not { } partition)
        {
            context.IncludePartitions("shards");
            return Task.CompletedTask;
        }

        var inputs = new ShardInputs(context.Paths("pairs"), context.Paths("documents"), context.Paths("duplicates"), context.Paths("mined", "negatives"));
        var shards = ShardBuild.Run(Composition.Tables(context), inputs, options, StagePartitions.Index(partition), context.Seed, context.OutputFolder("shards"), context.Reporter(), cancellationToken);
        foreach (var shard in shards)
        {
            context.Describe("shards", shard.Rows);
            context.Describe("shards", shard.Passages);
            context.Meta("shards", "bucket " + shard.Rows.Name, shard.Bucket.ToString());
        }

        return Task.CompletedTask;
    }
}
