namespace DataPrep.Pairs;

/// <summary>A query made of a document.</summary>
/// <param name="Text">The query.</param>
/// <param name="Passage">Text of the positive where it is not the content: what is left without the query.</param>
public readonly record struct GeneratedQuery(string Text, string? Passage);
