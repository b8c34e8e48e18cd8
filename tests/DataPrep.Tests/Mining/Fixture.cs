using DataPrep.Mining;

namespace DataPrep.Tests.Mining;

/// <summary>Small corpora and pairs.</summary>
static class Fixture
{
    public static Document Document(string id, string title = "", string content = "", string group = "") =>
        new(id, title, content, "en", "fixture", 0, content.Length == 0 ? "" : $"hash of {content}", group.Length == 0 ? id : group);

    public static Pair Pair(string query, string document, string split = "train", string? text = null) => new(query, text ?? $"text of {query}", document, null, "title", split);

    /// <summary>n documents "d0", "d1", ... with titles and contents of their own.</summary>
    public static MiningCorpus Corpus(int n) => new([.. Enumerable.Range(0, n).Select(i => Document($"d{i}", $"title {i}", $"content {i}"))]);

    /// <summary>Random scores with many ties, some negative.</summary>
    public static float[][] Scores(int queries, int documents, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, queries).Select(_ => Enumerable.Range(0, documents).Select(_ => (random.Next(40) - 12) / 16f).ToArray())];
    }
}
