namespace DataPrep.Readers;

/// <summary>A row as its file has it: a document, or the reason why there is none.</summary>
/// <param name="Row">Zero-based row (line, record, member) within the file.</param>
/// <param name="Document">The document; null for a row that cannot be used.</param>
/// <param name="Reason">Why not: one of <see cref="RejectReason"/>; empty for a document.</param>
/// <param name="Detail">What was found, for people; empty for a document.</param>
public readonly record struct RawRow(long Row, RawDocument? Document, string Reason = "", string Detail = "")
{
    /// <summary>A row that cannot be used.</summary>
    public static RawRow Rejected(long row, string reason, string detail) => new(row, null, reason, detail);
}
