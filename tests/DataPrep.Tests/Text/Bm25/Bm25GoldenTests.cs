using System.Text.Json;
using DataPrep.Text;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Text.Bm25;

/// <summary>Scores against bm25s (method lucene, k1 1.2, b 0.75), executed elsewhere; Fixtures/bm25.json says which version.</summary>
public sealed class Bm25GoldenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Bm25Index_ScoresAsBm25s_ForEveryQueryAndDocument(int threads)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "bm25.json")));
        var documents = Texts(golden.RootElement.GetProperty("docs"));
        var queries = Texts(golden.RootElement.GetProperty("queries"));
        var index = Bm25Index.Build(documents, new Spaces(), threads: threads, cancellationToken: TestContext.Current.CancellationToken);
        var hits = index.SearchAll(queries, documents.Length, threads, TestContext.Current.CancellationToken);
        var expected = golden.RootElement.GetProperty("expected").GetProperty("scores_f64");
        for (var q = 0; q < queries.Length; q++)
        {
            var found = hits[q].ToDictionary(hit => hit.Document, hit => hit.Score);
            for (var d = 0; d < documents.Length; d++)
            {
                var score = expected[q][d].GetDouble();
                Assert.Equal(score, index.Score(queries[q], d), 1e-5);
                Assert.Equal(score > 0, found.ContainsKey(d));
                Assert.Equal(index.Score(queries[q], d), found.GetValueOrDefault(d));
            }
        }
    }

    static string[] Texts(JsonElement lists) => [.. lists.EnumerateArray().Select(list => string.Join(' ', list.EnumerateArray().Select(token => token.GetString())))];

    sealed class Spaces : IAnalyzer
    {
        public string Name => "spaces";

        public void Analyze(string text, List<string> terms) => terms.AddRange(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
