#if STACK_SYSTEM
using DataPrep.Mining;

namespace DataPrep.Tests.Mining;

/// <summary>Going on from an earlier mining gives what mining anew gives: the same lists, scores and negatives, whatever came, changed or went.</summary>
public sealed class IncrementalGuideTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    // Vectors of few small integers: many documents are equally far from a query, some have the same vector.
    static float[] Vector(Random random) => [.. Enumerable.Range(0, 5).Select(_ => (float)random.Next(-1, 3))];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mining_GoesOnFromTheLast_AsIfItHadSearchedAll(int seed)
    {
        var random = new Random(seed);
        var options = new MiningOptions
        {
            RangeMin = random.Next(2),
            RangeMax = random.Next(3, 12),
            NumNegatives = random.Next(1, 6),
            RelativeMargin = random.Next(2) == 0 ? null : 0.1,
            Sampling = random.Next(2) == 0 ? NegativeSampling.Top : NegativeSampling.Random,
            RangeSemantics = random.Next(3) == 0 ? RangeSemantics.Raw : RangeSemantics.Survivor,
            Partitions = random.Next(1, 4),
        };
        var world = Enumerable.Range(0, random.Next(4, 60)).Select(i => (Id: $"d{i:d3}", Title: $"t{random.Next(40)}", Vector: Vector(random))).ToList();
        var queries = world.ToDictionary(d => "q" + d.Id, _ => Vector(random), StringComparer.Ordinal);
        CandidateHistory? history = null;
        for (var night = 0; night < 4; night++)
        {
            var (full, _) = Mine(world, queries, options, null);
            var (mined, next) = Mine(world, queries, options, history);
            Assert.Equal(full, mined);
            history = next;
            Change(random, world, queries, night);
        }
    }

    [Fact]
    public void Mining_SearchesOnlyWhereADocumentIsLost_AndCountsWhatANewOneTouches()
    {
        var world = Enumerable.Range(0, 30).Select(i => (Id: $"d{i:d3}", Title: $"t{i}", Vector: (float[])[1, i])).ToList();
        var queries = world.ToDictionary(d => "q" + d.Id, d => (float[])[1, d.Vector[1]], StringComparer.Ordinal);
        var options = new MiningOptions { RangeMax = 3, NumNegatives = 3 };
        var (_, history) = Mine(world, queries, options, null);
        var guide = Guide(world, queries, history);
        var result = Run(world, queries, options, guide, 0);
        Assert.Equal(new IncrementalCounts(Searched: 0, Merged: 0, Kept: 30), guide.Counts);
        Assert.Equal(30, result.Counters.Queries);

        // A document of the opposite direction is nobody's neighbour; its own query is new.
        world.Add(("d900", "t900", [-1, -50]));
        queries["qd900"] = [0, -1];
        guide = Guide(world, queries, history);
        Run(world, queries, options, guide, 0);
        Assert.Equal(new IncrementalCounts(Searched: 1, Merged: 0, Kept: 30), guide.Counts);
        Assert.Equal(1, guide.FreshDocuments);

        // Without d029 every query that had it among its best is searched again.
        var had = Enumerable.Range(0, 30).Count(i => history.Of($"qd{i:d3}")!.Documents.Contains(29));
        world.RemoveAll(d => d.Id == "d029");
        queries.Remove("qd029");
        guide = Guide(world, queries, history);
        Run(world, queries, options, guide, 0);
        Assert.Equal(1 + had - 1, guide.Counts.Searched);
        Assert.InRange(had, 2, 29);
    }

    [Fact]
    public void Mining_SearchesAll_WhenDocumentsThatStayedChangedPlaces()
    {
        var world = Enumerable.Range(0, 12).Select(i => (Id: $"d{i:d3}", Title: $"t{i}", Vector: (float[])[1, 1])).ToList();
        var queries = world.ToDictionary(d => "q" + d.Id, _ => (float[])[1, 1], StringComparer.Ordinal);
        var options = new MiningOptions { RangeMax = 3, NumNegatives = 3 };
        var (_, history) = Mine(world, queries, options, null);
        world.Reverse();
        var guide = Guide(world, queries, history);
        Run(world, queries, options, guide, 0);
        Assert.Equal(new IncrementalCounts(12, 0, 0), guide.Counts);
        Assert.Equal(12, guide.FreshDocuments);
        Assert.Equal(Mine(world, queries, options, null).Result, Mine(world, queries, options, history).Result);
    }

    static void Change(Random random, List<(string Id, string Title, float[] Vector)> world, Dictionary<string, float[]> queries, int night)
    {
        for (var i = random.Next(4); i > 0 && world.Count > 3; i--)
        {
            var gone = random.Next(world.Count);
            queries.Remove("q" + world[gone].Id);
            world.RemoveAt(gone);
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            var at = random.Next(world.Count);
            world[at] = world[at] with { Vector = Vector(random) };
            queries["q" + world[random.Next(world.Count)].Id] = Vector(random);
        }

        for (var i = random.Next(12); i > 0; i--)
        {
            var id = $"n{night}-{i:d3}";
            world.Insert(random.Next(world.Count + 1), (id, $"t{random.Next(40)}", Vector(random)));
            queries["q" + id] = Vector(random);
        }

        if (random.Next(6) == 0)
        {
            var moved = world[0];
            world.RemoveAt(0);
            world.Add(moved);
        }
    }

    static (string Result, CandidateHistory History) Mine(IReadOnlyList<(string Id, string Title, float[] Vector)> world, Dictionary<string, float[]> queries, MiningOptions options, CandidateHistory? history)
    {
        var guides = Enumerable.Range(0, options.Partitions).Select(_ => Guide(world, queries, history)).ToList();
        var mined = guides.Select((guide, part) => Run(world, queries, options, guide, part)).ToList();
        var lists = guides.SelectMany(g => g.Lists).ToList();
        var plain = new DenseGuide(Documents(world), Queries(queries), "digest", 1);
        for (var part = 0; part < options.Partitions; part++)
        {
            var expected = Run(world, queries, options, plain, part);
            Assert.Equal(expected.Negatives, mined[part].Negatives);
            Assert.Equal(expected.Counters, mined[part].Counters);
        }

        return (string.Join('\n', [
            .. mined.SelectMany(m => m.Negatives).Select(n => n.ToString()),
            .. lists.Select(l => $"{l.QueryId} {l.Vector} {string.Join(' ', l.Documents)} {string.Join(' ', l.Scores)}"),
            .. guides[0].Documents.Select(d => d.ToString())]), new CandidateHistory(guides[0].Documents, lists));
    }

    static MiningResult Run(IReadOnlyList<(string Id, string Title, float[] Vector)> world, Dictionary<string, float[]> queries, MiningOptions options, INegativeGuide guide, int part)
    {
        var corpus = new MiningCorpus([.. world.Select(d => Fixture.Document(d.Id, d.Title, $"content of {d.Id}"))]);
        return HardNegativeMiner.Run(world.Select(d => Fixture.Pair("q" + d.Id, d.Id)), corpus, guide, options, part, 7, cancellationToken: Token);
    }

    static IncrementalGuide Guide(IReadOnlyList<(string Id, string Title, float[] Vector)> world, Dictionary<string, float[]> queries, CandidateHistory? history) =>
        new(new DenseGuide(Documents(world), Queries(queries), "digest", 2), history, 2);

    static EmbeddingMatrix Documents(IReadOnlyList<(string Id, string Title, float[] Vector)> world) =>
        EmbeddingMatrix.Of(world.Select(d => new Embedding(d.Id, "", d.Vector)), world.Select(d => d.Id));

    static EmbeddingMatrix Queries(Dictionary<string, float[]> queries) => EmbeddingMatrix.Of(queries.Select(q => new Embedding(q.Key, "", q.Value)), queries.Keys);
}
#endif
