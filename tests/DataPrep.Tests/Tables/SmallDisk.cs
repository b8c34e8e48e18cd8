using System.Diagnostics;

namespace DataPrep.Tests.Tables;

/// <summary>A small file system of its own, to be filled up. Needs the right to mount; skips the test without it.</summary>
sealed class SmallDisk : IDisposable
{
    SmallDisk(string folder) => Folder = folder;

    internal string Folder { get; }

    internal static SmallDisk Mount(long bytes)
    {
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", folder) is { } fault)
        {
            Directory.Delete(folder);
            Assert.Skip($"a full disk needs a small tmpfs, and mount said: {fault}");
        }

        return new SmallDisk(folder);
    }

    public void Dispose()
    {
        Run("umount", Folder);
        Directory.Delete(Folder, recursive: true);
    }

    static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message;
        }
    }
}
