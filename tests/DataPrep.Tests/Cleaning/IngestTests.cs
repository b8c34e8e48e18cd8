#if STACK_SYSTEM
using System.Text;
using DataPrep.Cleaning;
using DataPrep.Readers;
using DataPrep.Tables;

namespace DataPrep.Tests.Cleaning;

public sealed class IngestTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("ingest-").FullName;
    readonly DuckDbTableStore store = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Ingest_AccountsForEveryRow()
    {
        var (documents, rejects, duplicates, _) = Ingest(new GatherOptions(), [[("a.jsonl", """
            {"id":"1","title":" T ","content":"same"}
            {"id":"2","content":"  same "}
            broken
            {"id":"3","title":"only a title"}
            """), ("b.jsonl", """
            {"id":"1","content":"again"}
            {"id":"4","content":"other"}
            {"id":"5","title":" ","content":"\t"}
            """)], [("c.jsonl", """
            {"id":"6","title":"another title"}
            {"id":"7","content":"same"}
            {"title":"no id"}
            {"id":"8","content":"other"}
            {"id":"4","content":"late"}
            """)]]);
        Assert.Equal(
        [
            ("1", "T", "same", "a.jsonl", 0L, "1"), ("2", "", "same", "a.jsonl", 1L, "1"), ("3", "only a title", "", "a.jsonl", 3L, "3"), ("4", "", "other", "b.jsonl", 1L, "4"),
            ("6", "another title", "", "c.jsonl", 0L, "6"), ("7", "", "same", "c.jsonl", 1L, "1"), ("8", "", "other", "c.jsonl", 3L, "4"),
        ], documents.Select(d => (d.DocId, d.Title, d.Content, d.Source, d.SourceRow, d.Group)));
        Assert.Equal(
        [
            ("a.jsonl", 2L, "invalid-json"), ("b.jsonl", 2L, "empty"), ("c.jsonl", 2L, "missing-id"), ("b.jsonl", 0L, "duplicate-id"), ("c.jsonl", 4L, "duplicate-id"),
        ], rejects.Select(r => (r.Source, r.SourceRow, r.Reason)));
        Assert.Equal([("1", "1"), ("2", "1"), ("7", "1"), ("4", "4"), ("8", "4")], duplicates.Select(d => (d.DocId, d.Cluster)));
        Assert.All(duplicates, d => Assert.Equal("exact", d.Kind));
        // printf same | sha256sum | cut -c1-32
        Assert.Equal("0967115f2813a3541eaef77de9d9d577", documents[0].ContentHash);
    }

    [Fact]
    public void Ingest_DropsDuplicates_WhenAsked()
    {
        var (documents, rejects, duplicates, _) = Ingest(new GatherOptions { ExactDuplicates = DuplicatePolicy.Drop }, [[("a.jsonl", """
            {"id":"1","content":"same"}
            {"id":"2","title":"x","content":"same"}
            {"id":"3","title":"x"}
            {"id":"4","title":"y"}
            """)]]);
        Assert.Equal(["1", "3", "4"], documents.Select(d => d.DocId));
        Assert.Equal(("duplicate-content", "'2' has the content of '1'"), Assert.Single(rejects.Select(r => (r.Reason, r.Detail))));
        Assert.Empty(duplicates);
    }

    [Fact]
    public void Ingest_GivesEqualFiles_HoweverTheCorpusIsCut()
    {
        var files = Enumerable.Range(0, 6).Select(f => ($"{f}.jsonl", string.Join('\n', Enumerable.Range(0, 50).Select(i => i % 9 == 0 ? "bad" : $$"""{"id":"{{(f * 40) + i}}","title":"t{{i}}","content":"text {{i % 20}}"}""")))).ToList();
        var one = Ingest(new GatherOptions { RowsPerFile = 70 }, [files]);
        var many = Ingest(new GatherOptions { RowsPerFile = 70 }, [.. files.Select(f => new List<(string, string)> { f })]);
        Assert.Equal(one.Files.Documents, many.Files.Documents);
        Assert.Equal(one.Files.Rejects, many.Files.Rejects);
        Assert.Equal(one.Files.Duplicates, many.Files.Duplicates);
        Assert.True(one.Files.Documents.Count > 1);
        Assert.All(one.Files.Documents.SkipLast(1), f => Assert.Equal(70, f.Rows));
        Assert.Equal(one.Documents, many.Documents);
    }

    [Fact]
    public void Ingest_IsAnError_WhenTheCorpusIsEmpty()
    {
        Assert.Contains("hold no row", Assert.Throws<DataPrepException>(() => Ingest(new GatherOptions(), [[("a.jsonl", "")]])).Message);
        Assert.Contains("invalid-json: 2, missing-id: 1", Assert.Throws<DataPrepException>(() => Ingest(new GatherOptions(), [[("a.jsonl", "x\n{}\ny")]])).Message);
    }

    [Fact]
    public void Part_LeavesNothingBehind_WhenAFileIsTruncated()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $$"""{"id":"{{i}}","content":"text {{i * 7919 % 10007}}"}"""))));
        }

        var path = Path.Combine(folder, "cut.jsonl.gz");
        File.WriteAllBytes(path, packed.ToArray()[..^5000]);
        var output = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
        var e = Assert.Throws<DataPrepException>(() => IngestPart.Run([new CorpusFile(path, "cut.jsonl.gz")], new IngestOptions { Format = "jsonl" }, output, output, store, null, Token));
        Assert.Contains("cut.jsonl.gz", e.Message);
        Assert.Empty(Directory.GetFileSystemEntries(output));
    }

    [Fact]
    public void Ingest_TakesTheSdksReference_WithOneDocumentPerMember()
    {
        var files = DotnetSdkFiles.Find().Where(f => f.Name.Contains("/System.Collections", StringComparison.Ordinal)).ToList();
        var output = Directory.CreateDirectory(Path.Combine(folder, "sdk")).FullName;
        var part = IngestPart.Run(files, new IngestOptions { Format = "dotnet-xmldoc" }, output, output, store, null, Token);
        IngestGather.Run([Path.Combine(output, IngestPart.Documents)], [Path.Combine(output, IngestPart.Rejects)], new GatherOptions(), output, Directory.CreateDirectory(Path.Combine(output, "r")).FullName, Directory.CreateDirectory(Path.Combine(output, "d")).FullName, store, null, Token);
        var documents = RowTables.Documents.Read(store, Directory.GetFiles(output, "part-*").Order(StringComparer.Ordinal), Token).ToList();
        Assert.Equal(documents.Count, documents.Select(d => d.DocId).Distinct().Count());
        Assert.Equal(part.Documents.Sum(f => f.Rows), documents.Count + RowTables.Rejects.Read(store, Directory.GetFiles(Path.Combine(output, "r")), Token).Count(r => r.Reason == RejectReason.DuplicateId));
        var add = documents.Single(d => d.DocId == "M:System.Collections.Generic.List`1.Add(`0)");
        Assert.Equal(("List.Add", "System.Collections.Generic.List`1", "en"), (add.Title, add.Group, add.Lang));
        Assert.StartsWith("Adds an object to the end of the List.", add.Content);
        Assert.DoesNotContain(documents, d => d.Content.Contains("instance of the class", StringComparison.Ordinal));
    }

    (List<Document> Documents, List<Reject> Rejects, List<Duplicate> Duplicates, GatherFiles Files) Ingest(GatherOptions options, List<List<(string Name, string Content)>> partitions)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("n"))).FullName;
        var (parts, rejects) = (new List<string>(), new List<string>());
        foreach (var (partition, p) in partitions.Select((partition, p) => (partition, p)))
        {
            var output = Directory.CreateDirectory(Path.Combine(run, $"{p}")).FullName;
            var files = partition.Select(f =>
            {
                var path = Path.Combine(run, f.Name);
                File.WriteAllText(path, f.Content);
                return new CorpusFile(path, f.Name);
            }).ToList();
            IngestPart.Run(files, new IngestOptions { Format = "jsonl" }, output, output, store, null, Token);
            parts.Add(Path.Combine(output, IngestPart.Documents));
            rejects.Add(Path.Combine(output, IngestPart.Rejects));
        }

        var folders = new[] { "documents", "rejects", "duplicates" }.Select(n => Directory.CreateDirectory(Path.Combine(run, n)).FullName).ToArray();
        var written = IngestGather.Run(parts, rejects, options, folders[0], folders[1], folders[2], store, null, Token);
        return (Read(RowTables.Documents, folders[0], written.Documents), Read(RowTables.Rejects, folders[1], written.Rejects), Read(RowTables.Duplicates, folders[2], written.Duplicates), written);
    }

    List<T> Read<T>(RowTable<T> table, string from, IReadOnlyList<TableFile> files) => [.. table.Read(store, files.Select(f => Path.Combine(from, f.Name)), Token)];
}
#endif
