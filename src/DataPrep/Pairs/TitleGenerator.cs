namespace DataPrep.Pairs;

/// <summary>The title asks for the content.</summary>
public sealed class TitleGenerator : IPairGenerator
{
    /// <inheritdoc/>
    public string Name => "title";

    /// <inheritdoc/>
    public bool QueryIsTitle => true;

    /// <inheritdoc/>
    public IEnumerable<GeneratedQuery> Generate(Document document, long seed) =>
        document.Title.Length > 0 && document.Content.Length > 0 ? [new GeneratedQuery(document.Title, null)] : [];
}
