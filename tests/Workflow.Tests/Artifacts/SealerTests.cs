using Workflow.Artifacts;
using Xunit;

namespace Workflow.Tests.Artifacts;

public sealed class SealerTests : IDisposable
{
    readonly TestHome home = new();

    string Folder => Path.Combine(home.Root, "slot");

    public void Dispose() => home.Dispose();

    [Fact]
    public void Seal_NamesHashesAndOrdersFiles()
    {
        Write("b/two.txt", "two");
        Write("a.txt", "one");
        var report = new StageReport();
        report.Describe("rows", "a.txt", 7, "logical");
        report.SetMeta("rows", "dim", "64");
        var artifact = Seal(report);
        Assert.Equal(["a.txt", "b/two.txt"], artifact.Manifest.Members.Select(m => m.Name));

        // SHA-256 of "one" and "two", from coreutils.
        Assert.Equal("7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed", artifact.Manifest.Members[0].Hash);
        Assert.Equal("3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3", artifact.Manifest.Members[1].Hash);
        Assert.Equal((7L, "logical"), (artifact.Manifest.Members[0].Rows!.Value, artifact.Manifest.Members[0].Logical));
        Assert.Equal(artifact.Id, ManifestText.Id(ManifestText.Read(ManifestText.Write(artifact.Manifest))));
    }

    [Fact]
    public void Seal_GivesEqualLogicalHashes_WhereOnlyTheCodecDiffers()
    {
        Write("a.bin", "codec 1");
        var report = new StageReport();
        report.Describe("rows", "a.bin", 1, "same");
        var first = Seal(report);
        Write("a.bin", "codec 2");
        var second = Seal(report);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(first.Logical, second.Logical);
        report.SetMeta("rows", "x", "y");
        Assert.NotEqual(first.Logical, Seal(report).Logical);
    }

    [Fact]
    public void Seal_RefusesADescribedFileThatIsNotThere()
    {
        var report = new StageReport();
        report.Describe("rows", "gone.txt", 1, null);
        Assert.Contains("gone.txt", Assert.Throws<WorkflowException>(() => Seal(report)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seal_RefusesALink()
    {
        Write("a.txt", "one");
        File.CreateSymbolicLink(Path.Combine(Folder, "b.txt"), "/etc/hostname");
        Assert.Contains("link", Assert.Throws<WorkflowException>(() => Seal(new StageReport())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seal_PublishesAnEmptySlot()
    {
        var artifact = Seal(new StageReport());
        Assert.Empty(artifact.Manifest.Members);
        Assert.Single(artifact.Files);
    }

    SealedArtifact Seal(StageReport report) => Sealer.Seal("rows", Folder, Path.Combine(home.Root, "manifests", "rows.json"), report);

    void Write(string name, string text)
    {
        var file = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
