namespace DataPrep.Readers;

/// <summary>A document before cleaning.</summary>
/// <param name="Id">Its id; never empty.</param>
/// <param name="Title">Title, or empty.</param>
/// <param name="Content">Body, or empty.</param>
/// <param name="Lang">BCP 47 tag, or empty.</param>
/// <param name="Group">What splits keep together, or empty where the source has no such thing.</param>
public sealed record RawDocument(string Id, string Title, string Content, string Lang = "", string Group = "");
