using System.Security.Cryptography;
using Workflow.Native;
using Workflow.Runs;

namespace Workflow.Artifacts;

/// <summary>
/// The content-addressed store: a file's name is the SHA-256 of its bytes. A file appears in it by one rename of bytes that are already durable, so it is there whole or not at all;
/// publishing the same bytes twice changes nothing.
/// </summary>
public class ArtifactStore(HomePaths home)
{
    /// <summary>The home.</summary>
    public HomePaths Home { get; } = home;

    /// <summary>Where a hash's bytes lie.</summary>
    public string PathOf(string hash) => Home.Blob(hash);

    /// <summary>Whether a file of this name and size is there; bytes are not read.</summary>
    public bool Has(string hash, long size)
    {
        var file = new FileInfo(PathOf(hash));
        return file.Exists && file.Length == size;
    }

    /// <summary>Hash and size of a file.</summary>
    public static (string Hash, long Size) HashFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
        return (Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    /// <summary>Moves a durable staged file to its name. A file that is there with the right size stays.</summary>
    /// <param name="staged">Flushed file on the same file system; gone afterwards.</param>
    /// <param name="hash">SHA-256 of its bytes.</param>
    /// <param name="size">Its bytes.</param>
    public void Publish(string staged, string hash, long size)
    {
        if (Has(hash, size))
        {
            return;
        }

        var folder = Path.GetDirectoryName(PathOf(hash))!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            Libc.Sync(Home.Store);
        }

        Place(staged, PathOf(hash));
        Chaos.Point("publish.after-rename");
    }

    /// <summary>Makes published names durable: one flush per folder.</summary>
    public void SyncFolders(IEnumerable<string> hashes)
    {
        foreach (var folder in hashes.Select(h => Path.GetDirectoryName(PathOf(h))!).Distinct().Order(StringComparer.Ordinal))
        {
            Libc.Sync(folder);
        }
    }

    /// <summary>Takes a damaged file out of the store.</summary>
    /// <returns>Where it lies now; null where there was no file.</returns>
    public string? Quarantine(string hash)
    {
        if (!File.Exists(PathOf(hash)))
        {
            return null;
        }

        Directory.CreateDirectory(Home.Quarantine);
        var target = Path.Combine(Home.Quarantine, hash);
        Libc.Rename(PathOf(hash), target);
        Libc.Sync(Path.GetDirectoryName(PathOf(hash))!);
        return target;
    }

    /// <summary>Hashes in the store, by its file names.</summary>
    public IEnumerable<(string Name, string Path)> Files() => !Directory.Exists(Home.Store) ? []
        : Directory.EnumerateFiles(Home.Store, "*", SearchOption.AllDirectories).Select(p => (Path.GetFileName(p), p));

    private protected virtual void Place(string staged, string final) => Libc.Rename(staged, final);
}
