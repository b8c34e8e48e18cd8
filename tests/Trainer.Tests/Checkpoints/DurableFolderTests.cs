using Trainer.Checkpoints;

namespace Trainer.Tests.Checkpoints;

public sealed class DurableFolderTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Write_LeavesNoFolder_WhenWritingFails()
    {
        var path = Path.Combine(_root, "checkpoint");
        Assert.Throws<IOException>(() => DurableFolder.Write(path, folder =>
        {
            File.WriteAllText(Path.Combine(folder, "a"), "half");
            throw new IOException("disk full");
        }));
        Assert.False(Directory.Exists(path));

        DurableFolder.Write(path, folder => File.WriteAllText(Path.Combine(folder, "b"), "whole"));
        Assert.Equal(["b", "digests.json"], Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([path], Directory.GetDirectories(_root));
    }

    [Theory]
    [InlineData("changed", "does not have the digest")]
    [InlineData("cut", "does not have the digest")]
    [InlineData("gone", "a is missing")]
    [InlineData("list gone", "digests.json is missing")]
    [InlineData("list torn", "not readable")]
    public void Fault_NamesTheDamage(string damage, string expected)
    {
        var path = Path.Combine(_root, "checkpoint");
        DurableFolder.Write(path, folder => File.WriteAllText(Path.Combine(folder, "a"), "content"));
        var files = Directory.GetFiles(path).ToDictionary(f => Path.GetFileName(f)!, f => f);
        Assert.Null(DurableFolder.Fault(files));

        var list = files[DurableFolder.DigestFile];
        switch (damage)
        {
            case "changed": File.WriteAllText(files["a"], "c0ntent"); break;
            case "cut": File.WriteAllText(files["a"], ""); break;
            case "gone": File.Delete(files["a"]); break;
            case "list gone": File.Delete(list); break;
            default: File.WriteAllText(list, File.ReadAllText(list)[..10]); break;
        }

        Assert.Contains(expected, DurableFolder.Fault(files)!, StringComparison.Ordinal);
    }
}
