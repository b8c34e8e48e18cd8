namespace DataPrep.Readers;

/// <summary>Reasons of rejected rows.</summary>
public static class RejectReason
{
    /// <summary>The bytes are not UTF-8, or the text is not well-formed Unicode.</summary>
    public const string InvalidText = "invalid-utf8";

    /// <summary>The line is not a JSON object.</summary>
    public const string InvalidJson = "invalid-json";

    /// <summary>The record breaks RFC 4180: a quote that never ends, or text behind a closing quote.</summary>
    public const string InvalidRecord = "invalid-record";

    /// <summary>The record has another number of fields than the header.</summary>
    public const string FieldCount = "field-count";

    /// <summary>A field holds something else than text.</summary>
    public const string WrongType = "wrong-type";

    /// <summary>No id, or an empty one.</summary>
    public const string MissingId = "missing-id";

    /// <summary>The id was used by an earlier row of the corpus.</summary>
    public const string DuplicateId = "duplicate-id";

    /// <summary>Neither title nor content.</summary>
    public const string Empty = "empty";

    /// <summary>The same content as an earlier document, where duplicates are dropped.</summary>
    public const string DuplicateContent = "duplicate-content";

    /// <summary>One row of more than 64 MiB.</summary>
    public const string TooLong = "too-long";
}
