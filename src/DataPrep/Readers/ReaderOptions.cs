namespace DataPrep.Readers;

/// <summary>How the rows of a corpus file are read. Field names hold for <c>jsonl</c>, <c>csv</c> and <c>tsv</c>; the other formats have fixed ones.</summary>
public sealed record ReaderOptions
{
    /// <summary>Field with the id; default "id".</summary>
    public string IdField { get; init; } = "id";

    /// <summary>Field with the title; default "title".</summary>
    public string TitleField { get; init; } = "title";

    /// <summary>Field with the body; default "content".</summary>
    public string ContentField { get; init; } = "content";

    /// <summary>Field with a BCP 47 tag; empty (default) where there is none.</summary>
    public string LangField { get; init; } = "";

    /// <summary>Field whose value splits keep together; empty (default) where there is none.</summary>
    public string GroupField { get; init; } = "";

    /// <summary>Language of documents that name none; default empty.</summary>
    public string Lang { get; init; } = "";

    /// <summary>Whether the first record of a csv or tsv file names the fields (default); without, fields are named "0", "1", ...</summary>
    public bool Header { get; init; } = true;

    /// <summary>Whether quotes mean something in csv and tsv (RFC 4180; default); false takes them as they stand.</summary>
    public bool Quotes { get; init; } = true;
}
