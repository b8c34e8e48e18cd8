using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Trainer.Checkpoints;

/// <summary>
/// A folder that is there whole or not at all: its files are written under a temporary name, flushed, listed with their SHA-256 in <see cref="DigestFile"/>, and the folder
/// is renamed into place. A kill at any moment leaves either no such folder or a complete one.
/// </summary>
public static class DurableFolder
{
    /// <summary>Name of the list of digests: a JSON object, SHA-256 in lower-case hex by file name.</summary>
    public const string DigestFile = "digests.json";

    /// <summary>Writes a folder.</summary>
    /// <param name="path">Where it appears; a folder that lies there (a damaged one, or another training's) gives way to it.</param>
    /// <param name="write">Writes the files into the folder it is given.</param>
    /// <param name="reached">Told how far it is; a process that ends there leaves what was there before, or the whole folder.</param>
    public static void Write(string path, Action<string> write, Action<DurableStage>? reached = null)
    {
        var temporary = path + ".tmp";
        if (Directory.Exists(temporary))
        {
            Directory.Delete(temporary, recursive: true);
        }

        Directory.CreateDirectory(temporary);
        reached?.Invoke(DurableStage.Begun);
        write(temporary);
        reached?.Invoke(DurableStage.Written);
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(temporary))
        {
            digests[Path.GetFileName(file)] = Digest(file);
            Flush(file);
        }

        var list = Path.Combine(temporary, DigestFile);
        File.WriteAllText(list, JsonSerializer.Serialize(digests) + "\n");
        Flush(list);
        Flush(temporary);
        reached?.Invoke(DurableStage.Listed);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        reached?.Invoke(DurableStage.Cleared);
        Directory.Move(temporary, path);
        Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        reached?.Invoke(DurableStage.Renamed);
    }

    /// <summary>Checks a folder's files against its list.</summary>
    /// <param name="files">Path by file name.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Fault(IReadOnlyDictionary<string, string> files)
    {
        if (!files.TryGetValue(DigestFile, out var list) || !File.Exists(list))
        {
            return $"{DigestFile} is missing";
        }

        Dictionary<string, string>? digests;
        try
        {
            digests = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(list));
        }
        catch (JsonException error)
        {
            return $"{DigestFile} is not readable: {error.Message}";
        }

        foreach (var (name, digest) in digests ?? [])
        {
            if (!files.TryGetValue(name, out var path) || !File.Exists(path))
            {
                return $"{name} is missing";
            }

            if (Digest(path) != digest)
            {
                return $"{name} does not have the digest {digest[..Math.Min(12, digest.Length)]} that was written";
            }
        }

        return digests is null or { Count: 0 } ? $"{DigestFile} lists no file" : null;
    }

    static string Digest(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    static void Flush(string path)
    {
        // FileStream cannot open folders, and a rename is durable only once the folder is flushed.
        var descriptor = NativeOpen(Encoding.UTF8.GetBytes(path + "\0"), 0);
        if (descriptor < 0)
        {
            throw new IOException($"Cannot open {path} to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        var failed = NativeFlush(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = NativeClose(descriptor);
        if (failed)
        {
            throw new IOException($"Cannot flush {path} (error {error}).");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    static extern int NativeOpen(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    static extern int NativeFlush(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    static extern int NativeClose(int descriptor);
}
