using DataPrep.Tables;

namespace DataPrep.Mining;

/// <summary>A document that candidate lists are taken from; its row is the ordinal they name it by. Key: <see cref="DocId"/>.</summary>
/// <param name="DocId">The document.</param>
/// <param name="Vector">Fingerprint of its vector.</param>
public sealed record RankedDocument(string DocId, string Vector)
{
    /// <summary>Its table.</summary>
    public static RowTable<RankedDocument> Table { get; } = new("ranked documents",
        new RowColumns<RankedDocument>().String("doc_id", d => d.DocId).String("vector", d => d.Vector), c => new RankedDocument(c.String(0), c.String(1)));
}
