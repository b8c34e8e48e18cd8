using DataPrep.Mining;

namespace DataPrep.Tests.Mining;

public sealed class HardNegativeMinerTests
{
    [Fact]
    public void Run_EqualsTheDefinitions_ForRandomScoresAndOptions()
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            double? Maybe(double value) => random.Next(2) == 0 ? null : value;
            var options = new MiningOptions
            {
                TopK = random.Next(2) == 0 ? null : 5 + random.Next(30),
                RangeMin = random.Next(4),
                RangeMax = 4 + random.Next(20),
                RangeSemantics = (RangeSemantics)random.Next(2),
                AbsoluteMargin = Maybe(random.Next(3) / 8.0),
                RelativeMargin = Maybe(random.Next(3) / 8.0),
                MaxScore = Maybe(0.75),
                MinScore = Maybe(-0.25),
                NumNegatives = 1 + random.Next(6),
            };
            var scores = Fixture.Scores(6, 40, seed);
            Pair[] pairs = [.. Enumerable.Range(0, 6).SelectMany(q => Enumerable.Range(0, 1 + (q % 3)).Select(p => Fixture.Pair($"q{q}", $"d{(q * 7) + p}")))];
            var result = HardNegativeMiner.Run(pairs, Fixture.Corpus(40), new MatrixGuide(scores), options);
            var expected = pairs.GroupBy(pair => pair.QueryId).SelectMany((group, q) => group.SelectMany(pair => Expected(scores[q], pair, [.. group], options))).ToList();
            Assert.Equal(expected, result.Negatives.Select(negative => (negative.QueryId, negative.PositiveDocId, negative.NegativeDocId, negative.Score, negative.PositiveScore)));
            Assert.Equal(expected.Count, result.Counters.Negatives);
            Assert.Equal(pairs.Length, result.Counters.Pairs);
        }
    }

    // The rules as sentence-transformers (survivor) and FlagEmbedding (raw) write them: mask, then filter, then slice; or slice, then mask and filter.
    static IEnumerable<(string, string, string, float, float)> Expected(float[] scores, Pair pair, Pair[] positives, MiningOptions options)
    {
        var relevant = positives.Select(positive => int.Parse(positive.DocId[1..])).ToHashSet();
        var anchor = scores[int.Parse(pair.DocId[1..])];
        var ranked = Enumerable.Range(0, scores.Length).OrderByDescending(d => scores[d]).ThenBy(d => d).Take(options.TopK ?? (options.RangeMax + relevant.Count));
        if (options.RangeSemantics == RangeSemantics.Raw)
        {
            ranked = ranked.Take(options.RangeMax).Skip(options.RangeMin);
        }

        ranked = ranked.Where(d => !relevant.Contains(d))
            .Where(d => !(scores[d] > options.MaxScore) && !(scores[d] < options.MinScore))
            .Where(d => !(scores[d] + options.AbsoluteMargin > anchor))
            .Where(d => !(scores[d] > anchor - (Math.Abs(anchor) * options.RelativeMargin)));
        if (options.RangeSemantics == RangeSemantics.Survivor)
        {
            ranked = ranked.Take(options.RangeMax).Skip(options.RangeMin);
        }

        return ranked.Take(options.NumNegatives).Select(d => (pair.QueryId, pair.DocId, $"d{d}", scores[d], anchor));
    }

    [Theory]
    [InlineData(NegativeSampling.Top)]
    [InlineData(NegativeSampling.Random)]
    public void Run_GivesTheSame_WhateverThePartitions(NegativeSampling sampling)
    {
        var guide = new MatrixGuide(Fixture.Scores(50, 80, 3));
        Pair[] pairs = [.. Enumerable.Range(0, 50).Select(q => Fixture.Pair($"q{q}", $"d{q}"))];
        var options = new MiningOptions { Sampling = sampling, RangeMax = 30, NumNegatives = 4 };
        var whole = HardNegativeMiner.Run(pairs, Fixture.Corpus(80), guide, options, seed: 7);
        foreach (var partitions in new[] { 2, 7, 60 })
        {
            var parts = Enumerable.Range(0, partitions).Select(k => HardNegativeMiner.Run(pairs, Fixture.Corpus(80), guide, options with { Partitions = partitions }, k, seed: 7)).ToArray();
            Assert.Equal(whole.Negatives, parts.SelectMany(part => part.Negatives));
            Assert.Equal(whole.Counters, parts.Select(part => part.Counters).Aggregate((x, y) => x + y));
        }
    }

    [Fact]
    public void Run_SamplesByQuery_WhateverTheOrderOfPairs()
    {
        var guide = new MatrixGuide(Fixture.Scores(50, 80, 4));
        Pair[] pairs = [.. Enumerable.Range(0, 50).Select(q => Fixture.Pair($"q{q}", $"d{q}"))];
        var options = new MiningOptions { Sampling = NegativeSampling.Random, RangeMax = 20, NumNegatives = 4 };
        var one = HardNegativeMiner.Run(pairs, Fixture.Corpus(80), guide, options, seed: 1).Negatives;
        Assert.Equal(one.OrderBy(n => n.QueryId), HardNegativeMiner.Run(pairs.Reverse(), Fixture.Corpus(80), guide, options, seed: 1).Negatives.OrderBy(n => n.QueryId));
        Assert.NotEqual(one, HardNegativeMiner.Run(pairs, Fixture.Corpus(80), guide, options, seed: 2).Negatives);

        // Uniform over the 20 candidates: 200 draws, mean rank 9.5 with a deviation of 5.8 / sqrt(200).
        Assert.InRange(one.Average(negative => negative.Rank), 7.5, 11.5);
        Assert.All(one.GroupBy(negative => negative.QueryId), group => Assert.Equal(group.Select(n => n.Rank).Order(), group.Select(n => n.Rank)));
    }

    [Fact]
    public void Run_LeavesOutTheRelevanceGroup_ByTitleContentAndQueryText()
    {
        var corpus = new MiningCorpus(
        [
            Fixture.Document("d0", "T", "c0"),
            Fixture.Document("d1", "T", "c1"),
            Fixture.Document("d2", "U", "c1"),
            Fixture.Document("d3", "U", "c3"),
            Fixture.Document("d4", "", ""),
            Fixture.Document("d5", "", ""),
            Fixture.Document("d6", "V", "c6"),
        ]);
        float[][] scores = [[7, 6, 5, 4, 3, 2, 1], [7, 6, 5, 4, 3, 2, 1], [7, 6, 5, 4, 3, 2, 1]];
        Pair[] pairs = [Fixture.Pair("q0", "d0", text: "x"), Fixture.Pair("q1", "d4", text: "y"), Fixture.Pair("q2", "d6", text: "x"), Fixture.Pair("q9", "gone", split: "test")];
        var options = new MiningOptions { RangeMax = 10 };
        string Of(string query, MiningOptions chosen) =>
            string.Join(' ', HardNegativeMiner.Run(pairs, corpus, new MatrixGuide(scores), chosen).Negatives.Where(n => n.QueryId == query).Select(n => $"{n.NegativeDocId}:{n.Rank}"));

        // d1 has the title, d2 d1's content, d6 answers the same text; d3 shares a title with d2 only.
        Assert.Equal("d3:0 d4:1 d5:2", Of("q0", options));
        Assert.Equal("d0:0 d1:1 d2:2 d3:3 d5:4 d6:5", Of("q1", options));
        Assert.Equal("d1:0 d2:1 d3:2 d4:3 d5:4", Of("q0", options with { ExcludeSameTitle = false, ExcludeSameContent = false }));
    }

    [Fact]
    public void Run_CountsWhatItDropped_ByTheFirstFilterThatObjects()
    {
        float[][] scores = [[1.0f, 0.99f, 0.9f, 0.5f, 0.1f, 0.97f]];
        var options = new MiningOptions { MaxScore = 0.98, RelativeMargin = 0.05, MinScore = 0.2, NumNegatives = 3 };
        var result = HardNegativeMiner.Run([Fixture.Pair("q0", "d0")], Fixture.Corpus(6), new MatrixGuide(scores), options);
        Assert.Equal(["d2", "d3"], result.Negatives.Select(negative => negative.NegativeDocId));
        Assert.Equal(
            new MiningCounters { Queries = 1, Pairs = 1, PairsTooFew = 1, Candidates = 6, Relevant = 1, AboveMaxScore = 1, BelowMinScore = 1, InRelativeMargin = 1, Negatives = 2 },
            result.Counters);
        Assert.All(result.Negatives, negative => Assert.Equal("range 0-50 relative_margin 0.05 max_score 0.98 min_score 0.2", negative.Rule));
        Assert.All(result.Negatives, negative => Assert.Equal("matrix:1", negative.Guide));
    }

    [Fact]
    public void Run_AsksTheGuideOnce_ForAQueryWithSeveralPositives()
    {
        var guide = new MatrixGuide(Fixture.Scores(2, 20, 5));
        var result = HardNegativeMiner.Run([Fixture.Pair("q0", "d0"), Fixture.Pair("q1", "d5"), Fixture.Pair("q0", "d1"), Fixture.Pair("q0", "d1")], Fixture.Corpus(20), guide);
        Assert.Equal([1, 1], guide.Asked);
        Assert.Equal(3, result.Counters.Pairs);
        Assert.DoesNotContain(result.Negatives, negative => negative.QueryId == "q0" && negative.NegativeDocId is "d0" or "d1");
    }

    [Fact]
    public void Run_SaysWhatIsWrong_WithOptionsPairsOrGuide()
    {
        var guide = new MatrixGuide(Fixture.Scores(1, 3, 1));
        string Fault(Pair pair, MiningCorpus corpus, MiningOptions options) => Assert.Throws<DataPrepException>(() => HardNegativeMiner.Run([pair], corpus, guide, options)).Message;
        Assert.Contains("range", Fault(Fixture.Pair("q0", "d0"), Fixture.Corpus(3), new MiningOptions { RangeMin = 9, RangeMax = 9 }));
        Assert.Contains("'gone'", Fault(Fixture.Pair("q0", "gone"), Fixture.Corpus(3), new MiningOptions()));
        Assert.Contains("ranks 3", Fault(Fixture.Pair("q0", "d0"), Fixture.Corpus(4), new MiningOptions()));
        Assert.Contains("finite", Fault(Fixture.Pair("q0", "d0"), Fixture.Corpus(3), new MiningOptions { MaxScore = double.NaN }));
        Assert.Contains("twice", Assert.Throws<DataPrepException>(() => new MiningCorpus([Fixture.Document("a"), Fixture.Document("a")])).Message);
    }

    [Fact]
    public void WithoutHeldOut_DropsTheDocuments_OfDevAndTestQueries()
    {
        Document[] documents = [Fixture.Document("a", group: "A"), Fixture.Document("b", group: "A"), Fixture.Document("c", group: "C"), Fixture.Document("d", group: "D")];
        Pair[] pairs = [Fixture.Pair("q0", "a", "test"), Fixture.Pair("q1", "c"), Fixture.Pair("q2", "d", "dev")];
        Assert.Equal(["b", "c"], MiningCorpus.WithoutHeldOut(documents, pairs).Select(document => document.DocId));
    }
}
