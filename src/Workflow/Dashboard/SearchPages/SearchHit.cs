namespace Workflow.Dashboard.SearchPages;

/// <summary>Something found.</summary>
/// <param name="Title">Its name, found words marked, see <see cref="SearchText.Pieces"/>.</param>
/// <param name="Address">Its page.</param>
/// <param name="Snippet">Where the words stand, marked likewise; may be empty.</param>
/// <param name="Where">What it belongs to, in words.</param>
/// <param name="State">Its state, or null.</param>
/// <param name="Time">When it was, or null.</param>
public sealed record SearchHit(string Title, string Address, string Snippet, string Where, string? State, DateTimeOffset? Time);

/// <summary>What was found of one kind.</summary>
/// <param name="Scope">The kind.</param>
/// <param name="Hits">The newest.</param>
/// <param name="Count">How many there are, as far as counted.</param>
/// <param name="Next">Cursor of those behind, or null.</param>
public sealed record SearchGroup(SearchScope Scope, IReadOnlyList<SearchHit> Hits, long Count, string? Next)
{
    /// <summary>So many are counted at most.</summary>
    public const int MostCounted = 1000;

    /// <summary>The count in words.</summary>
    public string CountText => Count >= MostCounted ? $"{MostCounted:#,0} and more" : Count.ToString("#,0");
}
