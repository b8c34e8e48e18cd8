using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A data folder of its own for one test; deleted at the end.</summary>
sealed class HomeFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("workflow-home-").FullName;

    /// <summary>A home as this one is now, in a folder of its own; nothing may be at work in this one.</summary>
    public async Task<HomeFolder> CopyAsync()
    {
        var copy = new HomeFolder();
        using var process = Process.Start(new ProcessStartInfo("cp", ["-a", $"{Path}/.", copy.Path]) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
        return copy;
    }

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
