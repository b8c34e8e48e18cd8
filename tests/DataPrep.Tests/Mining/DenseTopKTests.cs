using DataPrep.Mining;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Mining;

public sealed class DenseTopKTests
{
    [Theory]
    [InlineData(5000, 48, 200, 25, 0)]
    [InlineData(4100, 33, 50, 100, 30)]
    [InlineData(300, 7, 20, 300, 0)]
    [InlineData(2049, 64, 3, 1, 2000)]
    [InlineData(6000, 16, 40, 60, 1)]
    public void Search_EqualsAFullSortOfDoubleProducts_WithTiesByOrdinal(int rows, int dimensions, int queries, int k, int distinct)
    {
        // distinct > 0: only so many different rows, so that most scores tie and the k-th stands among equals.
        var documents = Vectors(rows, dimensions, 1, distinct);
        var asked = Vectors(queries, dimensions, 2, 0);
        var index = new DenseTopK(documents, dimensions, threads: 2);
        var hits = index.Search(asked, k, TestContext.Current.CancellationToken);
        for (var q = 0; q < queries; q++)
        {
            var expected = Enumerable.Range(0, rows)
                .Select(d => (Document: d, Score: Enumerable.Range(0, dimensions).Sum(i => (double)asked[(q * dimensions) + i] * documents[(d * dimensions) + i])))
                .OrderByDescending(hit => (float)hit.Score).ThenBy(hit => hit.Document).Take(k).ToArray();
            Assert.Equal(expected.Select(hit => hit.Document), hits[q].Select(hit => hit.Document));
            Assert.All(expected.Zip(hits[q]), pair => Assert.Equal((float)pair.First.Score, pair.Second.Score));
            Assert.Equal(hits[q][0].Score, index.Score(asked.AsSpan(q * dimensions, dimensions), hits[q][0].Document));
        }
    }

    [Fact]
    public void Search_GivesTheSame_WhateverTheBlockAndThreads()
    {
        var documents = Vectors(7000, 40, 3, 0);
        var asked = Vectors(130, 40, 4, 0);
        var whole = new DenseTopK(documents, 40, threads: 1).Search(asked, 20, TestContext.Current.CancellationToken);
        var index = new DenseTopK(documents, 40, threads: 3);
        var parts = new List<Hit[]>();
        foreach (var (from, to) in new[] { (0, 1), (1, 38), (38, 130) })
        {
            parts.AddRange(index.Search(asked.AsMemory(from * 40, (to - from) * 40), 20, TestContext.Current.CancellationToken));
        }

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void Search_FindsNothing_WithoutRowsOrQueries()
    {
        Assert.Empty(new DenseTopK(new float[8], 4).Search(ReadOnlyMemory<float>.Empty, 3, TestContext.Current.CancellationToken));
        Assert.Empty(Assert.Single(new DenseTopK(ReadOnlyMemory<float>.Empty, 4).Search(new float[4], 3, TestContext.Current.CancellationToken)));
        Assert.Throws<DataPrepException>(() => new DenseTopK(new float[] { float.NaN, 1 }, 2).Search(new float[] { 1, 1 }, 1, TestContext.Current.CancellationToken));
    }

    static float[] Vectors(int count, int dimensions, int seed, int distinct)
    {
        var random = new Random(seed);
        var values = new float[count * dimensions];
        for (var i = 0; i < values.Length; i++)
        {
            var row = i / dimensions;
            values[i] = distinct > 0 && row >= distinct ? values[(row % distinct * dimensions) + (i % dimensions)] : (float)((random.NextDouble() * 2) - 1);
        }

        return values;
    }
}
