using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Text.Bm25;

public sealed class Bm25IndexTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Bm25Index_FindsTheSame_WhateverTheThreads()
    {
        var texts = RandomTexts(3000, seed: 1);
        var queries = RandomTexts(200, seed: 2);
        var one = Bm25Index.Build(texts, new StandardAnalyzer(), threads: 1, cancellationToken: Token).SearchAll(queries, 50, 1, Token);
        var four = Bm25Index.Build(texts.Select(text => text), new StandardAnalyzer(), threads: 4, cancellationToken: Token).SearchAll(queries, 50, 4, Token);
        Assert.Equal(one, four);
    }

    [Fact]
    public void Search_GivesTheTopOfAFullSort_WithTiesByOrdinal()
    {
        // Few distinct short documents: most scores tie.
        var texts = RandomTexts(2000, seed: 3, vocabulary: 12, length: 3);
        var index = Bm25Index.Build(texts, new StandardAnalyzer(), cancellationToken: Token);
        foreach (var query in RandomTexts(40, seed: 4, vocabulary: 14, length: 2))
        {
            var sorted = Enumerable.Range(0, texts.Length).Select(d => new Hit(d, index.Score(query, d))).Where(hit => hit.Score > 0)
                .OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Document).ToArray();
            Assert.Equal(sorted.Take(37), index.Search(query, 37));
            Assert.Equal(sorted, index.Search(query, texts.Length + 5));
        }
    }

    [Fact]
    public void SearchAll_ScoresWantedDocuments_AsScoreDoes()
    {
        var texts = RandomTexts(500, seed: 5);
        var queries = RandomTexts(20, seed: 6);
        var index = Bm25Index.Build(texts, new StandardAnalyzer(), cancellationToken: Token);
        var wanted = queries.Select((_, q) => new[] { q, q + 100, 499 - q }).ToArray();
        var (_, scores) = index.SearchAll(queries, 5, wanted, 2, Token);
        for (var q = 0; q < queries.Length; q++)
        {
            Assert.Equal(wanted[q].Select(document => index.Score(queries[q], document)), scores[q]);
        }
    }

    [Fact]
    public void Search_FindsNothing_InAnEmptyCorpusOrForAnEmptyQuery()
    {
        Assert.Empty(Bm25Index.Build([], new StandardAnalyzer(), cancellationToken: Token).Search("a", 10));
        var blank = Bm25Index.Build(["", "  "], new StandardAnalyzer(), cancellationToken: Token);
        Assert.Empty(blank.Search("a", 10));
        var index = Bm25Index.Build(["a b", "b"], new StandardAnalyzer(), cancellationToken: Token);
        Assert.Empty(index.Search("", 10));
        Assert.Empty(index.Search("z", 10));
        Assert.Empty(index.Search("a", 0));
        Assert.Single(index.Search("a", 10));
    }

    [Fact]
    public void Build_Refuses_WhenAnOptionIsOutOfRange()
    {
        var fault = Assert.Throws<DataPrepException>(() => Bm25Index.Build(["a"], new StandardAnalyzer(), new Bm25Options { B = 1.5 }, cancellationToken: Token));
        Assert.Contains("1.5", fault.Message);
        Assert.Throws<DataPrepException>(() => Bm25Index.Build(["a"], new StandardAnalyzer(), new Bm25Options { K1 = double.NaN }, cancellationToken: Token));
    }

    [Fact]
    public void Build_ReportsEveryDocumentAndStops_WhenCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var last = 0L;
        var progress = new Direct(report =>
        {
            last = report.Done;
            if (report.Done >= 1000)
            {
                cancellation.Cancel();
            }
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Bm25Index.Build(RandomTexts(5000, seed: 7), new StandardAnalyzer(), null, 1, progress, cancellation.Token));
        Assert.InRange(last, 1000, 2000);
    }

    static string[] RandomTexts(int count, int seed, int vocabulary = 400, int length = 30)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 1 + random.Next(length)).Select(_ => $"w{(int)(vocabulary * random.NextDouble() * random.NextDouble())}")))];
    }

    sealed class Direct(Action<StageProgress> report) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => report(value);
    }
}
