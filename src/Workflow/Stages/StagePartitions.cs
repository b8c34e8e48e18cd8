using System.Globalization;

namespace Workflow.Stages;

/// <summary>Partitions that are numbers: the k-th of n equal parts of the work.</summary>
static class StagePartitions
{
    /// <summary>n partitions, keys 00000 to n-1.</summary>
    public static IReadOnlyList<StagePartition> Count(int partitions) => [.. Enumerable.Range(0, partitions).Select(k => new StagePartition(k.ToString("D5"), $$"""{"part":{{k}}}""", []))];

    /// <summary>The number of a partition.</summary>
    public static int Index(StagePartition partition) => int.Parse(partition.Key, CultureInfo.InvariantCulture);
}
