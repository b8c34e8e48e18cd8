namespace DataPrep.Shards;

/// <summary>What a batch plan needs to know of a shard.</summary>
/// <param name="Bucket">Its length bucket.</param>
/// <param name="Rows">Its rows.</param>
public readonly record struct ShardSummary(int Bucket, long Rows);
