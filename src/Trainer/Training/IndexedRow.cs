namespace Trainer.Training;

/// <summary>A training row as indices: query and passages into the token stores of the <see cref="TrainingSet"/>.</summary>
/// <param name="Query">Index of the query text.</param>
/// <param name="Positive">Index of the positive passage.</param>
/// <param name="Negatives">Indices of its hard negatives.</param>
public sealed record IndexedRow(int Query, int Positive, int[] Negatives)
{
    /// <summary>Index into <see cref="TrainingSet.Sources"/>.</summary>
    public int Source { get; init; }

    /// <summary>Length bucket of its shard.</summary>
    public int Bucket { get; init; }

    /// <summary>Teacher's scores of the positive and then of each hard negative, (1 + negatives), NaN where the teacher gave none; null where it gave none at all.</summary>
    public float[]? Scores { get; init; }
}
