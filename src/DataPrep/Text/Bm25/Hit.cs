namespace DataPrep.Text.Bm25;

/// <summary>A document found: its ordinal in the corpus and its score.</summary>
public readonly record struct Hit(int Document, float Score);
