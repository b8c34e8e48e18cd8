using DataPrep.Readers;

namespace DataPrep.Tests.Readers;

public sealed class SourceFilesTests : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("sources-").FullName;
    readonly string outside = Directory.CreateTempSubdirectory("outside-").FullName;
    readonly JsonlReader jsonl = new();

    public SourceFilesTests()
    {
        foreach (var name in new[] { "data/b.jsonl", "data/a.jsonl", "data/sub/c.jsonl.gz", "data/sub/c.jsonl", "data/sub/d.jsonl.gz", "data/notes.txt", "data/.hidden.jsonl", "odd [1]/x.jsonl" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, name))!);
            File.WriteAllText(Path.Combine(root, name), "");
        }

        File.WriteAllText(Path.Combine(outside, "corpus.jsonl"), "");
    }

    public void Dispose()
    {
        Directory.Delete(root, recursive: true);
        Directory.Delete(outside, recursive: true);
    }

    [Theory]
    [InlineData("data/b.jsonl", "data/b.jsonl")]
    [InlineData("data", "data/a.jsonl data/b.jsonl data/sub/c.jsonl data/sub/d.jsonl.gz")]
    [InlineData("data/*.jsonl", "data/a.jsonl data/b.jsonl")]
    [InlineData("data/**/*.jsonl", "data/a.jsonl data/b.jsonl data/sub/c.jsonl")]
    [InlineData("data/**/[cd].jsonl.gz", "data/sub/c.jsonl.gz data/sub/d.jsonl.gz")]
    [InlineData("./data/../data/{a,b}.js*", "data/a.jsonl data/b.jsonl")]
    [InlineData("data/?.jsonl", "data/a.jsonl data/b.jsonl")]
    [InlineData("odd [1]", "odd [1]/x.jsonl")]
    [InlineData("odd [1]/x.jsonl", "odd [1]/x.jsonl")]
    public void Resolve_FindsFilesInOrdinalOrder(string source, string names) =>
        Assert.Equal(names, string.Join(' ', SourceFiles.Resolve(root, [source], jsonl).Select(f => f.Name)));

    [Fact]
    public void Resolve_TakesEveryFileOnce() =>
        Assert.Equal(["data/b.jsonl", "data/a.jsonl"], SourceFiles.Resolve(root, ["data/b.jsonl", "data/[ab].jsonl"], jsonl).Select(f => f.Name));

    [Theory]
    [InlineData("missing.jsonl", "does not exist")]
    [InlineData("data/*.csv", "has no file")]
    [InlineData("none/**/*.jsonl", "has no file")]
    public void Resolve_SaysWhatIsMissing(string source, string message)
    {
        var e = Assert.Throws<DataPrepException>(() => SourceFiles.Resolve(root, [source], jsonl));
        Assert.Contains($"'{source}'", e.Message);
        Assert.Contains(message, e.Message);
    }

    [Fact]
    public void Resolve_RefusesWhatLeadsOutOfTheAllowedFolders()
    {
        File.CreateSymbolicLink(Path.Combine(root, "link.jsonl"), Path.Combine(outside, "corpus.jsonl"));
        Directory.CreateSymbolicLink(Path.Combine(root, "linked"), outside);
        Directory.CreateSymbolicLink(Path.Combine(root, "data", "loop"), Path.Combine(root, "data"));
        foreach (var source in new[] { "link.jsonl", "linked", "linked/corpus.jsonl", "linked/*.jsonl", Path.Combine(outside, "corpus.jsonl"), $"../{Path.GetFileName(outside)}/corpus.jsonl" })
        {
            Assert.Contains("outside of the allowed folders", Assert.Throws<DataPrepException>(() => SourceFiles.Resolve(root, [source], jsonl)).Message);
        }

        Assert.Equal(4, SourceFiles.Resolve(root, ["data"], jsonl).Count);
        var allowed = SourceFiles.Resolve(root, [outside], jsonl, [root, outside]);
        Assert.Equal($"{Path.GetFileName(outside)}/corpus.jsonl", Assert.Single(allowed).Name);
    }

    [Fact]
    public void Resolve_TakesTheUnpackedFileOfACollection_AndOnlyItsCorpus()
    {
        File.WriteAllText(Path.Combine(outside, "corpus.jsonl.gz"), "");
        File.WriteAllText(Path.Combine(outside, "queries.jsonl"), "");
        Assert.Equal("corpus.jsonl", Path.GetFileName(Assert.Single(SourceFiles.Resolve(root, [outside], new BeirReader(), [outside])).Path));
        File.Delete(Path.Combine(outside, "corpus.jsonl"));
        Assert.Equal("corpus.jsonl.gz", Path.GetFileName(Assert.Single(SourceFiles.Resolve(root, [outside], new BeirReader(), [outside])).Path));
    }

    [Fact]
    public void DotnetSdk_TakesTheNewestPacksWithXml_AndNamesThemWithoutVersion()
    {
        foreach (var (version, name) in new[] { ("9.0.5", "A.xml"), ("10.0.2", "A.xml"), ("10.0.12", "A.xml"), ("10.0.12", "B.xml"), ("11.0.0-preview.2", "A.dll"), ("10.0.12-rc.1", "A.xml") })
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref", version, "ref", "net10.0")).FullName;
            File.WriteAllText(Path.Combine(folder, name), "");
        }

        var files = DotnetSdkFiles.Find([outside, root]);
        Assert.Equal(["Microsoft.NETCore.App.Ref/A.xml", "Microsoft.NETCore.App.Ref/B.xml"], files.Select(f => f.Name));
        Assert.All(files, f => Assert.Contains("/10.0.12/", f.Path));
    }

    [Fact]
    public void DotnetSdk_NamesTheFoldersLookedIn_WhenThereIsNoXml()
    {
        var e = Assert.Throws<DataPrepException>(() => DotnetSdkFiles.Find([outside, "/nowhere"]));
        Assert.Contains(outside, e.Message);
        Assert.Contains("/nowhere", e.Message);
    }
}
