namespace DataPrep.Shards;

/// <summary>A document as the text that models and indexes see.</summary>
public static class PassageRendering
{
    /// <summary>Content alone, or title, a blank and content; the one that is not empty where the other is.</summary>
    public static string Of(Document document, PassageText text) => text switch
    {
        PassageText.TitleContent when document.Title.Length > 0 => document.Content.Length > 0 ? $"{document.Title} {document.Content}" : document.Title,
        _ => document.Content,
    };
}
