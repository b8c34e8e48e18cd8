using System.Security.Cryptography;

namespace EndToEnd.Tests;

/// <summary>A data folder of its own for one test; deleted at the end.</summary>
sealed class HomeFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("workflow-home-").FullName;

    /// <summary>Files in the content-addressed store whose bytes are not what their name says: torn or damaged. Must be none at any moment.</summary>
    public IReadOnlyList<string> TornFiles()
    {
        var cas = System.IO.Path.Combine(Path, "cas");
        return !Directory.Exists(cas)
            ? []
            : [.. Directory.EnumerateFiles(cas, "*", SearchOption.AllDirectories).Where(f => Hash(f) != System.IO.Path.GetFileName(f))];
    }

    static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A killed child may still be writing its last scratch file; the system's temporary folder is cleaned elsewhere.
        }
    }
}
