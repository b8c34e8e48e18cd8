using DataPrep;
using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public sealed class RetrievalCollectionTests
{
    static readonly EvaluationDocument[] Documents = [.. Enumerable.Range(0, 50).Select(i => new EvaluationDocument($"d{i}", $"first {i}. second {i}."))];

    [Fact]
    public void FromPairs_TakesTheQueryOutOfItsDocument_WhereThePairSaysSo()
    {
        Pair[] pairs =
        [
            new("q1", "first 3", "d3", "second 3.", "lead", "dev"),
            new("q2", "second 3", "d3", "first 3.", "crop", "dev"),
            new("q3", "title 4", "d4", null, "title", "dev"),
            new("q3", "title 4", "d5", null, "title", "dev", 2),
            new("q4", "title 6", "d6", null, "title", "train"),
        ];
        var dev = RetrievalCollection.FromPairs(Documents, pairs, "dev");
        Assert.Equal([new Query("q1", "first 3"), new Query("q3", "title 4")], dev.Queries);
        Assert.Equal([new Qrel("q1", "d3", 1), new Qrel("q3", "d4", 1), new Qrel("q3", "d5", 2)], dev.Qrels);
        Assert.Equal("second 3.", dev.Documents[3].Text);
        Assert.Equal(Documents.Length, dev.Documents.Count);
        Assert.Same(Documents, RetrievalCollection.FromPairs(Documents, pairs, "train").Documents);
    }

    [Fact]
    public void Subset_KeepsEveryRelevantDocument_AndRepeatsItself()
    {
        var pairs = Enumerable.Range(0, 30).Select(i => new Pair($"q{i:00}", $"title {i}", $"d{i}", null, "title", "dev")).ToArray();
        var dev = RetrievalCollection.FromPairs(Documents, pairs, "dev");
        var some = dev.Subset(10, 15, 7);
        Assert.Equal((10, 15, 10), (some.Queries.Count, some.Documents.Count, some.Qrels.Count));
        Assert.All(some.Qrels, q => Assert.Contains(some.Documents, d => d.DocId == q.DocId));
        Assert.Equal(some.Queries, dev.Subset(10, 15, 7).Queries);
        Assert.NotEqual(some.Queries, dev.Subset(10, 15, 8).Queries);
    }

    [Fact]
    public void ReadQueries_NamesTheLine_WhenItIsWrong()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "{\"_id\":\"1\",\"text\":\"a\"}\n{\"_id\":\"1\",\"text\":\"b\"}\n");
        Assert.Contains("line 2: query id '1' occurs twice", Assert.Throws<TrainerException>(() => BeirFolder.ReadQueries(path)).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "{\"_id\":\"1\"}\n");
        Assert.Contains("line 1", Assert.Throws<TrainerException>(() => BeirFolder.ReadQueries(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }
}
