using System.Diagnostics;
using Workflow.Artifacts;

namespace Durability.Scenarios;

/// <summary>A file system in memory of a fixed size, and a home that lies on it wholly, with its data alone, or with its ledger alone. Mounting is root's right.</summary>
sealed class SmallDisk : IDisposable
{
    /// <summary>Bytes that the file system hands out at a time.</summary>
    public const int Page = 4096;

    const string Size = "24m";
    readonly Scratch scratch = new();
    readonly string mount;
    readonly string ballast;

    SmallDisk()
    {
        mount = Path.Combine(scratch.Root, "disk");
        ballast = Path.Combine(mount, "ballast");
        Directory.CreateDirectory(mount);
    }

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Lacking { get; } = Try();

    /// <summary>The home.</summary>
    public HomePaths Home { get; private set; } = new("/");

    /// <summary>The folder above, with room.</summary>
    public string Root => scratch.Root;

    /// <summary>Mounts one.</summary>
    /// <param name="holds">What lies on it: all, data (store and staging), or ledger.</param>
    public static SmallDisk Mount(string holds)
    {
        var disk = new SmallDisk();
        if (Execute("mount", "-t", "tmpfs", "-o", $"size={Size}", "tmpfs", disk.mount) is { } fault)
        {
            disk.scratch.Dispose();
            throw new InvalidOperationException(fault);
        }

        var roomy = Path.Combine(disk.Root, "roomy");
        disk.Home = new HomePaths(Path.Combine(holds == "data" ? roomy : disk.mount, "home"));
        Directory.CreateDirectory(disk.Home.Root);
        if (holds != "all")
        {
            foreach (var folder in new[] { disk.Home.Store, disk.Home.Staging })
            {
                var target = Path.Combine(holds == "data" ? disk.mount : roomy, Path.GetFileName(folder));
                Directory.CreateDirectory(target);
                Directory.CreateSymbolicLink(folder, target);
            }
        }

        return disk;
    }

    /// <summary>Fills it up but for so many pages.</summary>
    public void Fill(int left)
    {
        using var stream = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        try
        {
            while (true)
            {
                stream.Write(new byte[Page]);
            }
        }
        catch (IOException)
        {
            // Full now.
        }

        stream.SetLength(Math.Max(0, (stream.Length / Page * Page) - ((long)left * Page)));
    }

    /// <summary>Frees what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(ballast);

    public void Dispose()
    {
        Execute("umount", "-l", mount);
        scratch.Dispose();
    }

    static string? Try()
    {
        try
        {
            using var disk = Mount("all");
            return null;
        }
        catch (InvalidOperationException fault)
        {
            return $"a small file system cannot be mounted here (root only): {fault.Message}";
        }
    }

    static string? Execute(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            return fault.Message;
        }
    }
}
