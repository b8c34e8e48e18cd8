namespace Trainer.Training.Batches;

/// <summary>What became of the rows of an epoch: <see cref="Rows"/> = <see cref="Placed"/> + <see cref="Remainder"/> + <see cref="Collided"/> + <see cref="SmallSourceRows"/> + <see cref="Exhausted"/>.</summary>
public sealed record PlanReport
{
    /// <summary>The epoch, from 0.</summary>
    public required int Epoch { get; init; }

    /// <summary>Rows that there are.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows in batches.</summary>
    public required int Placed { get; init; }

    /// <summary>Batches.</summary>
    public required int Batches { get; init; }

    /// <summary>Rows left because they are no full batch.</summary>
    public required int Remainder { get; init; }

    /// <summary>Rows for which no batch was without one of their texts.</summary>
    public required int Collided { get; init; }

    /// <summary>Rows of sources that are smaller than a batch and make none: dropped ones, and those of a single row.</summary>
    public required int SmallSourceRows { get; init; }

    /// <summary>Rows of batches that round robin did not come to.</summary>
    public required int Exhausted { get; init; }

    /// <summary>Sources that are smaller than a batch, by name.</summary>
    public required IReadOnlyList<string> SmallSources { get; init; }

    /// <summary>Rows that are in no batch, ascending.</summary>
    public required IReadOnlyList<int> Left { get; init; }

    /// <summary>Keys that were looked at while the plan was made: what its cost is counted in.</summary>
    public required long Operations { get; init; }

    /// <summary>The same in words, a line for each thing that a reader should know; empty where every row is in a batch of full size.</summary>
    public IEnumerable<string> Lines()
    {
        if (Remainder > 0)
        {
            yield return $"Epoch {Epoch}: {Remainder} of {Rows} rows are less than a batch and wait for another epoch.";
        }

        if (Collided > 0)
        {
            yield return $"Epoch {Epoch}: {Collided} of {Rows} rows found no batch without one of their texts and wait for another epoch. Smaller batches, or batches.distinct: none, would place them.";
        }

        if (SmallSources.Count > 0)
        {
            var fate = SmallSourceRows > 0 ? $"{SmallSourceRows} rows of theirs are left out" : "each is a smaller batch";
            var advice = SmallSources.Count * 2 > Batches ? " Sources this small are better taken together: batches.source: folder or generator." : "";
            yield return $"Epoch {Epoch}: {SmallSources.Count} sources have fewer rows than a batch ({string.Join(", ", SmallSources.Take(5))}{(SmallSources.Count > 5 ? ", ..." : "")}); {fate}.{advice}";
        }

        if (Exhausted > 0)
        {
            yield return $"Epoch {Epoch}: {Exhausted} of {Rows} rows are in batches that round robin did not come to before a source ran out.";
        }
    }
}
