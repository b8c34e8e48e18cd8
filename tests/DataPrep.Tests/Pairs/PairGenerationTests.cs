#if STACK_SYSTEM
using DataPrep.Cleaning;
using DataPrep.Pairs;
using DataPrep.Readers;
using DataPrep.Tables;

namespace DataPrep.Tests.Pairs;

public sealed class PairGenerationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("pairs-").FullName;
    readonly DuckDbTableStore store = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Run_GivesTitlesOneQuery_AndEveryRelevantDocumentARow()
    {
        // A and B share a title; C has B's content under another title; D is title-only; E is alone.
        var documents = new[] { Make("A", "List.Add", "adds", "list"), Make("B", "List.Add", "adds many", "list"), Make("C", "Bag.Put", "adds many", "bag"), Make("D", "List.Add", "", "list"), Make("E", "Map.Get", "gets", "map") }
            .Concat(Enumerable.Range(0, 40).Select(i => Make($"x{i}", $"Filler{i}", $"filler {i}", $"f{i}"))).ToArray();
        var expected = new Dictionary<string, string[]> { ["title:A"] = ["A", "B", "C"], ["title:C"] = ["B", "C"], ["title:E"] = ["E"] };
        for (var seed = 0; seed < 40; seed++)
        {
            var (pairs, _) = Run(documents, new PairOptions { Split = new SplitOptions { Dev = 5, Test = 5 } }, seed);
            var evaluated = pairs.Where(p => p.Split != "train").ToList();
            foreach (var query in evaluated.GroupBy(p => p.QueryId).Where(q => expected.ContainsKey(q.Key)))
            {
                Assert.Equal(expected[query.Key], query.Select(p => p.DocId));
                Assert.Single(query.Select(p => p.Split).Distinct());
            }

            Assert.DoesNotContain(pairs, p => p.DocId == "D");
            Assert.All(pairs.Where(p => p.Split == "train" && p.DocId is "A" or "B"), p => Assert.Equal("title:A", p.QueryId));
            AssertApart(documents, pairs);
        }
    }

    [Theory]
    [InlineData("title", "title")]
    [InlineData("title,crop,lead", "title")]
    [InlineData("crop", "crop")]
    [InlineData("crop,title", "title,crop")]
    public void Run_KeepsTrainDevAndTestApart_ForEverySeed(string generators, string evaluateWith)
    {
        // Many equal titles and contents across groups.
        var documents = Enumerable.Range(0, 600).Select(i => Make($"d{i}", i % 5 == 0 ? "" : $"Title {i % 170}", i % 7 == 0 ? "" : Text(i % 230), $"g{i % 90}")).ToArray();
        var options = new PairOptions { Generators = generators.Split(','), EvaluateWith = evaluateWith.Split(','), Split = new SplitOptions { Dev = 10, Test = 0.1 }, Crop = new CropOptions { MinWords = 3 } };
        for (var seed = 1; seed <= 5; seed++)
        {
            var (pairs, files) = Run(documents, options, seed);
            AssertApart(documents, pairs);
            Assert.Equal(pairs.Count, pairs.Select(p => (p.QueryId, p.DocId)).Distinct().Count());
            Assert.All(pairs.GroupBy(p => p.QueryId), q => Assert.Single(q.Select(p => (p.Query, p.Split, p.Generator)).Distinct()));
            Assert.Equal(files.Counts.TestQueries, pairs.Where(p => p.Split == "test").Select(p => p.QueryId).Distinct().Count());
            Assert.Equal(10, pairs.Where(p => p.Split == "dev").Select(p => p.QueryId).Distinct().Count());
            Assert.Equal(files.Counts.TestAsked, files.Counts.TestQueries);
            Assert.Equal(files.Counts.TrainPairs, pairs.Count(p => p.Split == "train"));
            Assert.Equal(generators.Split(',').Order(), pairs.Where(p => p.Split == "train").Select(p => p.Generator).Distinct().Order());
            Assert.Equal(evaluateWith.Split(',').Order(), pairs.Where(p => p.Split == "test").Select(p => p.Generator).Distinct().Order());
        }
    }

    [Fact]
    public void Run_TakesAtMostAQuarter_AndSaysWhatWasAsked()
    {
        var documents = Enumerable.Range(0, 40).Select(i => Make($"d{i}", $"Title {i}", Text(i), $"g{i}")).ToArray();
        var (_, files) = Run(documents, new PairOptions { Split = new SplitOptions { Dev = 100, Test = 1000 } }, 1);
        Assert.Equal((10, 10, 100, 1000), (files.Counts.DevQueries, files.Counts.TestQueries, files.Counts.DevAsked, files.Counts.TestAsked));
    }

    [Fact]
    public void Run_GivesEveryQueryItsOwnDocumentAlone_WhenRelevanceIsNotGrouped()
    {
        var documents = Enumerable.Range(0, 60).Select(i => Make($"d{i}", $"Title {i % 45}", Text(i % 50), $"g{i}")).ToArray();
        var (pairs, _) = Run(documents, new PairOptions { GroupRelevance = false, Split = new SplitOptions { Dev = 5, Test = 5 } }, 1);
        Assert.All(pairs, p => Assert.Equal($"title:{p.DocId}", p.QueryId));
        Assert.Equal(10, pairs.Count(p => p.Split != "train"));
    }

    [Fact]
    public void Run_IsAnError_WhenNothingCanBeTrainedOn()
    {
        var documents = Enumerable.Range(0, 5).Select(i => Make($"d{i}", "", Text(i), $"g{i}")).ToArray();
        Assert.Contains("none lends itself", Assert.Throws<DataPrepException>(() => Run(documents, new PairOptions(), 1)).Message);
        Assert.Throws<DataPrepException>(() => Run(documents, new PairOptions { Crop = new CropOptions { MinWords = 9, MaxWords = 3 } }, 1));
    }

    [Fact]
    public void Run_HoldsOutAThousandQueriesOfTheSdksReference()
    {
        var files = DotnetSdkFiles.Find().Where(f => f.Name.StartsWith("Microsoft.NETCore.App.Ref/System.", StringComparison.Ordinal)).ToList();
        var output = Directory.CreateDirectory(Path.Combine(folder, "sdk")).FullName;
        IngestPart.Run(files, new IngestOptions { Format = "dotnet-xmldoc" }, output, output, store, null, Token);
        var outputs = new[] { "documents", "rejects", "duplicates" }.Select(n => Directory.CreateDirectory(Path.Combine(output, n)).FullName).ToArray();
        IngestGather.Run([Path.Combine(output, IngestPart.Documents)], [Path.Combine(output, IngestPart.Rejects)], new GatherOptions(), outputs[0], outputs[1], outputs[2], store, null, Token);
        var paths = Directory.GetFiles(outputs[0]).Order(StringComparer.Ordinal).ToList();
        var documents = RowTables.Documents.Read(store, paths, Token).ToArray();
        var written = PairGeneration.Run(store, paths, new PairOptions { Split = new SplitOptions { Dev = 1000, Test = 1000 } }, 17, folder, null, Token);
        var pairs = RowTables.Pairs.Read(store, written.Pairs.Select(f => Path.Combine(folder, f.Name)), Token).ToList();
        Assert.Equal((1000, 1000), (written.Counts.DevQueries, written.Counts.TestQueries));
        AssertApart(documents, pairs);
        Assert.True(written.Counts.TrainPairs > documents.Length / 2, $"{written.Counts}");
    }

    [Theory]
    [InlineData("title,crop", "title")]
    [InlineData("title", "title,crop")]
    public void Run_NeverTrainsOnWhatWasHeldOutBefore_WhenTheSplitIsStableAndTheCorpusGrows(string generators, string evaluateWith)
    {
        var options = new PairOptions { Generators = generators.Split(','), EvaluateWith = evaluateWith.Split(','), Split = new SplitOptions { Dev = 0.1, Test = 0.2, Stable = true }, Crop = new CropOptions { MinWords = 3 } };
        for (var seed = 1; seed <= 2; seed++)
        {
            var random = new Random(seed);
            var corpus = new List<Document>();
            var heldQueries = new HashSet<string>();
            var (testDocuments, devDocuments) = (new HashSet<string>(), new HashSet<string>());
            for (var night = 0; night < 5; night++)
            {
                // New documents come anywhere in the corpus: in old groups, with old titles and contents, and in new ones.
                for (var i = night == 0 ? 200 : 40; i > 0; i--)
                {
                    var id = $"n{night}-{i}";
                    corpus.Insert(random.Next(corpus.Count + 1), Make(id, random.Next(8) == 0 ? "" : $"Title {random.Next(120)}", random.Next(9) == 0 ? "" : Text(random.Next(150)), $"g{random.Next(30 + (night * 10))}"));
                }

                var (pairs, files) = Run([.. corpus], options, seed);
                AssertApart(corpus, pairs);
                var train = pairs.Where(p => p.Split == "train").ToList();
                Assert.Empty(train.Select(p => p.Query).Intersect(heldQueries));
                Assert.Empty(train.Select(p => p.DocId).Intersect(testDocuments.Concat(devDocuments)));
                var test = pairs.Where(p => p.Split == "test").ToList();
                heldQueries.UnionWith(pairs.Where(p => p.Split != "train").Select(p => p.Query));
                testDocuments.UnionWith(test.Select(p => p.DocId));
                devDocuments.UnionWith(pairs.Where(p => p.Split == "dev").Select(p => p.DocId));
                Assert.Equal((files.Counts.TestQueries, files.Counts.DevQueries), (files.Counts.TestAsked, files.Counts.DevAsked));
                Assert.InRange(test.Select(p => p.QueryId).Distinct().Count(), 1, corpus.Count);
            }
        }
    }

    [Fact]
    public void Run_HoldsOutAboutTheFractionOfGroups_WhenTheSplitIsStable()
    {
        var documents = Enumerable.Range(0, 2000).Select(i => Make($"d{i}", $"Title {i}", $"Content of its own {i}", $"g{i / 2}")).ToArray();
        var (pairs, files) = Run(documents, new PairOptions { Split = new SplitOptions { Dev = 0.1, Test = 0.2, Stable = true } }, 3);
        Assert.InRange(files.Counts.TestQueries, 340, 460);
        Assert.InRange(files.Counts.DevQueries, 150, 250);
        Assert.Equal(2000, files.Counts.TestQueries + files.Counts.DevQueries + files.Counts.TrainPairs);
        Assert.All(pairs.GroupBy(p => documents[int.Parse(p.DocId[1..])].Group), group => Assert.Single(group.Select(p => p.Split).Distinct()));
        Assert.Contains("fractions", Assert.Throws<DataPrepException>(() => Run(documents, new PairOptions { Split = new SplitOptions { Dev = 30, Test = 0.2, Stable = true } }, 3)).Message);
    }

    // No document, content, title or group of a dev or test query is trained on; none of a test query is a dev query's.
    static void AssertApart(IReadOnlyList<Document> documents, IReadOnlyList<Pair> pairs)
    {
        var byId = documents.ToDictionary(d => d.DocId);
        foreach (var (held, others) in new[] { ("test", new[] { "train", "dev" }), ("dev", ["train"]) })
        {
            var mine = pairs.Where(p => p.Split == held).ToList();
            var rest = pairs.Where(p => others.Contains(p.Split)).ToList();
            Assert.Empty(mine.Select(p => p.DocId).Intersect(rest.Select(p => p.DocId)));
            Assert.Empty(mine.Select(p => byId[p.DocId].ContentHash).Intersect(rest.Select(p => byId[p.DocId].ContentHash)));
            Assert.Empty(mine.Select(p => p.Query).Intersect(rest.Select(p => p.Query)));
            Assert.Empty(mine.Where(p => p.Generator == "title").Select(p => p.Query).Intersect(rest.Select(p => byId[p.DocId].Title)));
            var owners = mine.Select(p => p.QueryId).Distinct().Select(id => byId[id[(id.IndexOf(':') + 1)..]].Group);
            Assert.All(owners.Distinct(), group => Assert.DoesNotContain(pairs, p => p.Split == "train" && byId[p.DocId].Group == group && mine.Any(m => m.DocId == p.DocId)));
        }
    }

    static string Text(int i) => $"This is sentence one of text {i}. It goes on with word{i} and then some more words, and ends with number {i} at last.";

    static Document Make(string id, string title, string content, string group) => new(id, title, content, "", "s.jsonl", 0, ContentHash.Of(content), group);

    (List<Pair> Pairs, PairFiles Files) Run(Document[] documents, PairOptions options, long seed)
    {
        var path = Path.Combine(folder, "documents.parquet");
        RowTables.Documents.Write(store, path, documents, Token);
        var files = PairGeneration.Run(store, [path], options, seed, folder, null, Token);
        return ([.. RowTables.Pairs.Read(store, files.Pairs.Select(f => Path.Combine(folder, f.Name)), Token)], files);
    }
}
#endif
