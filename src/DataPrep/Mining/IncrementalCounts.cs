namespace DataPrep.Mining;

/// <summary>How an <see cref="IncrementalGuide"/> answered.</summary>
/// <param name="Searched">Queries searched over all documents: new ones, and those whose earlier list lost a document or is too short.</param>
/// <param name="Merged">Queries whose earlier list a new document entered.</param>
/// <param name="Kept">Queries whose earlier list stands.</param>
public sealed record IncrementalCounts(long Searched, long Merged, long Kept)
{
    /// <summary>Queries asked.</summary>
    public long Queries => Searched + Merged + Kept;

    /// <summary>Queries whose neighbours are not those of the earlier mining.</summary>
    public long Anew => Searched + Merged;
}
