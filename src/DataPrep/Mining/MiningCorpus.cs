namespace DataPrep.Mining;

/// <summary>The documents negatives are taken from, in the guide's order, and which of them belong together.</summary>
public sealed class MiningCorpus
{
    readonly Dictionary<string, int> ordinals = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<int>> byTitle = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<int>> byContent = new(StringComparer.Ordinal);

    /// <param name="documents">The documents; positions are their ordinals.</param>
    /// <exception cref="DataPrepException">An id stands twice.</exception>
    public MiningCorpus(IReadOnlyList<Document> documents)
    {
        Documents = documents;
        for (var i = 0; i < documents.Count; i++)
        {
            if (!ordinals.TryAdd(documents[i].DocId, i))
            {
                throw new DataPrepException($"Document '{documents[i].DocId}' stands twice among the documents to mine from (rows {ordinals[documents[i].DocId]} and {i}). Expected each id once.");
            }

            Add(byTitle, documents[i].Title, i);
            Add(byContent, documents[i].Content.Length == 0 ? string.Empty : documents[i].ContentHash, i);
        }
    }

    /// <summary>The documents by ordinal.</summary>
    public IReadOnlyList<Document> Documents { get; }

    /// <summary>Documents without those that evaluation is about: every document relevant to a dev or test query. A guide made of the rest cannot mine from them.</summary>
    /// <param name="documents">The corpus.</param>
    /// <param name="pairs">Pairs of every split.</param>
    public static IReadOnlyList<Document> WithoutHeldOut(IEnumerable<Document> documents, IEnumerable<Pair> pairs)
    {
        var relevant = pairs.Where(static pair => pair.Split != "train").Select(static pair => pair.DocId).ToHashSet(StringComparer.Ordinal);
        return [.. documents.Where(document => !relevant.Contains(document.DocId))];
    }

    /// <summary>Ordinal of a document, or -1.</summary>
    public int OrdinalOf(string docId) => ordinals.GetValueOrDefault(docId, -1);

    /// <summary>
    /// The relevance group of some documents: themselves, those of the same title, and those with the content of any of these (empty titles and contents join nothing).
    /// </summary>
    public HashSet<int> GroupOf(IEnumerable<int> documents, bool sameTitle, bool sameContent)
    {
        var group = documents.ToHashSet();
        Widen(group, sameTitle, byTitle, static document => document.Title);
        Widen(group, sameContent, byContent, static document => document.Content.Length == 0 ? string.Empty : document.ContentHash);
        return group;
    }

    void Widen(HashSet<int> group, bool wanted, Dictionary<string, List<int>> by, Func<Document, string> key)
    {
        foreach (var document in wanted ? group.ToArray() : [])
        {
            if (by.TryGetValue(key(Documents[document]), out var same))
            {
                group.UnionWith(same);
            }
        }
    }

    static void Add(Dictionary<string, List<int>> by, string key, int document)
    {
        if (key.Length == 0)
        {
            return;
        }

        if (!by.TryGetValue(key, out var list))
        {
            by[key] = list = [];
        }

        list.Add(document);
    }
}
