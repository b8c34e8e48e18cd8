using DataPrep.Tables;

namespace DataPrep.Cleaning;

/// <summary>How a corpus differs from an earlier one.</summary>
/// <param name="Documents">Documents now.</param>
/// <param name="New">Documents whose id is new.</param>
/// <param name="Changed">Documents with the id of an earlier one, but another title or content.</param>
/// <param name="Gone">Earlier documents whose id is gone.</param>
/// <param name="Duplicates">New or changed documents that have the (not empty) content of an earlier one.</param>
public sealed record CorpusChange(long Documents, long New, long Changed, long Gone, long Duplicates)
{
    static readonly RowTable<(string DocId, string Title, string ContentHash)> Rows = new("documents",
        new RowColumns<(string DocId, string Title, string ContentHash)>().String("doc_id", d => d.DocId).String("title", d => d.Title).String("content_hash", d => d.ContentHash),
        c => (c.String(0), c.String(1), c.String(2)));

    static readonly string NoContent = ContentHash.Of("");

    /// <summary>Compares two corpora.</summary>
    /// <param name="store">Table adapter.</param>
    /// <param name="before">Document files of the earlier one; none where there is no earlier one.</param>
    /// <param name="now">Document files of this one.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static CorpusChange Of(ITableStore store, IReadOnlyList<string> before, IReadOnlyList<string> now, CancellationToken cancellationToken = default)
    {
        var old = Rows.Read(store, before, cancellationToken).ToDictionary(d => d.DocId, d => (d.Title, d.ContentHash), StringComparer.Ordinal);
        var contents = old.Values.Select(d => d.ContentHash).Where(h => h != NoContent).ToHashSet(StringComparer.Ordinal);
        var (documents, fresh, changed, duplicates) = (0L, 0L, 0L, 0L);
        foreach (var document in Rows.Read(store, now, cancellationToken))
        {
            documents++;
            var known = old.TryGetValue(document.DocId, out var was);
            if (known && was == (document.Title, document.ContentHash))
            {
                continue;
            }

            _ = known ? changed++ : fresh++;
            duplicates += contents.Contains(document.ContentHash) && was.ContentHash != document.ContentHash ? 1 : 0;
        }

        return new CorpusChange(documents, fresh, changed, old.Count - (documents - fresh), duplicates);
    }

    /// <summary>For people.</summary>
    public override string ToString() => $"{Documents} documents: {New} new, {Changed} changed, {Gone} gone; {Duplicates} of the new and changed have the content of an older one";
}
