using DataPrep.Tables;

namespace Workflow.Stages;

/// <summary>Vectors that the last run computed, by the hash of their text. Memory: all of them, 4 bytes per number.</summary>
sealed class KnownVectors
{
    readonly Dictionary<string, float[]> byText = new(StringComparer.Ordinal);

    /// <summary>How many were asked for and found.</summary>
    public long Found { get; private set; }

    /// <summary>Reads a file of an embeddings artifact; nothing is known where there is none.</summary>
    public static KnownVectors Read(ITableStore store, InputArtifact? embeddings, string file, CancellationToken cancellationToken)
    {
        var known = new KnownVectors();
        if (embeddings is not null && embeddings.Manifest.Members.Any(m => m.Name == file))
        {
            foreach (var row in RowTables.Embeddings.Read(store, embeddings.PathOf(file), cancellationToken))
            {
                known.byText.TryAdd(row.TextHash, row.Vector);
            }
        }

        return known;
    }

    /// <summary>The vector of a text hash, or null.</summary>
    public float[]? Find(string textHash)
    {
        if (!byText.TryGetValue(textHash, out var vector))
        {
            return null;
        }

        Found++;
        return vector;
    }
}
