namespace DataPrep.Pairs;

/// <summary>What splitting needs to know of each document, in corpus order: its group, title and content as numbers, and the dev or test queries it may have.</summary>
sealed class CorpusIndex
{
    readonly Dictionary<string, int> groups = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> titles = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> contents = new(StringComparer.Ordinal);

    /// <summary>A document. Title and Content are -1 where they are empty (a document without content is nobody's answer); Queries has the hash of its first query by generator, 0 where it has none.</summary>
    internal readonly record struct Entry(string DocId, int Group, int Title, int Content, ulong[] Queries);

    internal List<Entry> Entries { get; } = [];

    internal List<string> Groups { get; } = [];

    internal void Add(Document document, ulong[] queries) => Entries.Add(new Entry(
        document.DocId,
        Number(groups, document.Group, Groups),
        document.Title.Length == 0 ? -1 : Number(titles, document.Title, null),
        document.Content.Length == 0 ? -1 : Number(contents, document.ContentHash, null),
        queries));

    /// <summary>Documents by their value of a key, in corpus order; values below zero are left out.</summary>
    internal Dictionary<int, List<int>> By(Func<Entry, int> key)
    {
        var by = new Dictionary<int, List<int>>();
        for (var i = 0; i < Entries.Count; i++)
        {
            var value = key(Entries[i]);
            if (value >= 0)
            {
                (by.TryGetValue(value, out var list) ? list : by[value] = []).Add(i);
            }
        }

        return by;
    }

    /// <summary>Hash of a query's text; never 0.</summary>
    internal static ulong Hash(string query) => StableHash.Of(0, query) is var hash and not 0 ? hash : 1;

    static int Number(Dictionary<string, int> numbers, string key, List<string>? names)
    {
        if (!numbers.TryGetValue(key, out var number))
        {
            numbers.Add(key, number = numbers.Count);
            names?.Add(key);
        }

        return number;
    }
}
