using DataPrep.Mining;
using DataPrep.Shards;
using DataPrep.Tests.Text;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Mining;

public sealed class GuideTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Bm25Guide_MinesTheIndexsRanking_WithoutThePositives()
    {
        var collection = Collection.Read("cranfield");
        Document[] documents = [.. collection.DocIds.Select((id, i) => Fixture.Document(id, content: collection.Documents[i]))];
        Pair[] pairs = [.. collection.Qrels.SelectMany(query => query.Value.Where(grade => grade.Value > 0)
            .Select(grade => Fixture.Pair(query.Key, grade.Key, text: collection.Queries[Array.IndexOf(collection.QueryIds, query.Key)])))];
        var guide = Bm25Guide.Build(documents, new EnglishAnalyzer(), threads: 2, cancellationToken: Token);
        var result = HardNegativeMiner.Run(pairs, new MiningCorpus(documents), guide, new MiningOptions { NumNegatives = 5 }, cancellationToken: Token);
        var index = Bm25Index.Build(collection.Documents, new EnglishAnalyzer(), cancellationToken: Token);
        Assert.Equal(pairs.Length * 5, result.Negatives.Count);
        foreach (var group in result.Negatives.GroupBy(negative => (negative.QueryId, negative.PositiveDocId)).Take(200))
        {
            var text = pairs.First(pair => pair.QueryId == group.Key.QueryId).Query;
            var relevant = pairs.Where(pair => pair.QueryId == group.Key.QueryId).Select(pair => pair.DocId).ToHashSet();
            var expected = index.Search(text, 100).Where(hit => !relevant.Contains(collection.DocIds[hit.Document])).Take(5).ToArray();
            Assert.Equal(expected.Select(hit => (collection.DocIds[hit.Document], hit.Score)), group.Select(negative => (negative.NegativeDocId, negative.Score)));
            Assert.All(group, negative => Assert.Equal(index.Score(text, Array.IndexOf(collection.DocIds, negative.PositiveDocId)), negative.PositiveScore));
        }
    }

    [Fact]
    public void Bm25Guide_HasAnotherDigest_ForOtherOptions()
    {
        string[] digests =
        [
            Bm25Guide.DigestOf(new EnglishAnalyzer(), new Bm25Options(), PassageText.Content),
            Bm25Guide.DigestOf(new CodeAnalyzer(), new Bm25Options(), PassageText.Content),
            Bm25Guide.DigestOf(new CodeAnalyzer(keepWhole: true), new Bm25Options(), PassageText.Content),
            Bm25Guide.DigestOf(new EnglishAnalyzer(), new Bm25Options { K1 = 0.9 }, PassageText.Content),
            Bm25Guide.DigestOf(new EnglishAnalyzer(), new Bm25Options { B = 0.4 }, PassageText.Content),
            Bm25Guide.DigestOf(new EnglishAnalyzer(), new Bm25Options(), PassageText.TitleContent),
        ];
        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.All(digests, digest => Assert.StartsWith("bm25:", digest));
    }

    [Fact]
    public void DenseGuide_RanksByCosine_WhateverTheOrderOfTheEmbeddings()
    {
        Embedding[] documents = [new("b", "", [0, 3]), new("x", "", [9, 9]), new("a", "", [5, 0]), new("c", "", [1, 1])];
        Embedding[] queries = [new("q1", "", [0, 2]), new("q0", "", [1, 0.5f])];
        var corpus = new MiningCorpus([Fixture.Document("a"), Fixture.Document("b"), Fixture.Document("c")]);
        var guide = new DenseGuide(EmbeddingMatrix.Of(documents, ["a", "b", "c"]), EmbeddingMatrix.Of(queries, ["q0", "q1"]), "digest", 1);
        var result = HardNegativeMiner.Run([Fixture.Pair("q0", "c"), Fixture.Pair("q1", "b")], corpus, guide, cancellationToken: Token);
        Assert.Equal([("q0", "a", 0), ("q0", "b", 1), ("q1", "c", 0), ("q1", "a", 1)], result.Negatives.Select(negative => (negative.QueryId, negative.NegativeDocId, negative.Rank)));
        Assert.Equal([2 / Math.Sqrt(5), 1 / Math.Sqrt(5), 1 / Math.Sqrt(2), 0], result.Negatives.Select(negative => (double)negative.Score), Close);
        Assert.Equal([3 / Math.Sqrt(10), 1], result.Negatives.Select(negative => (double)negative.PositiveScore).Distinct(), Close);
        Assert.All(result.Negatives, negative => Assert.Equal(("dense", "digest"), (negative.Miner, negative.Guide)));
    }

    [Fact]
    public void EmbeddingMatrix_SaysWhatIsWrong_WithTheEmbeddings()
    {
        string Fault(Embedding[] embeddings, params string[] ids) => Assert.Throws<DataPrepException>(() => EmbeddingMatrix.Of(embeddings, ids)).Message;
        Assert.Contains("'b' has no embedding", Fault([new("a", "", [1])], "a", "b"));
        Assert.Contains("2 dimensions", Fault([new("a", "", [1]), new("b", "", [1, 2])], "a", "b"));
        Assert.Contains("finite", Fault([new("a", "", [float.NaN])], "a"));
        Assert.Contains("twice", Fault([new("a", "", [1])], "a", "a"));
        Assert.Contains("'q0' has no embedding", Assert.Throws<DataPrepException>(() =>
            new DenseGuide(EmbeddingMatrix.Of([new("a", "", [1])], ["a"]), EmbeddingMatrix.Of([], []), "", 1).Search([new GuideQuery("q0", "", [])], 1, Token)).Message);
    }

    static bool Close(double x, double y) => Math.Abs(x - y) < 1e-6;
}
