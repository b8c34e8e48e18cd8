using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.StoragePages;

/// <summary>Looks at the disk of a home: bounded, however many folders lie there.</summary>
static class Disk
{
    const int MostFolders = 50, MostFiles = 400;

    /// <summary>Space, the ledger's files and the folders of work in progress.</summary>
    public static DiskModel Look(HomePaths paths, LedgerDb ledger)
    {
        var drive = new DriveInfo(paths.Root);
        var running = ledger.Read(db => db.Query("SELECT staging FROM attempt WHERE state='running' AND staging IS NOT NULL LIMIT 1000", r => Path.GetFullPath(Path.Combine(paths.Root, r.Text(0))))).ToHashSet(StringComparer.Ordinal);
        var folders = Folders(paths.Staging).Take(MostFolders + 1).ToList();
        return new DiskModel(drive.AvailableFreeSpace, drive.TotalSize, Size(paths.Ledger), Size(paths.Ledger + "-wal"),
            [.. folders.Take(MostFolders).Select(f => Folder(paths, f, running.Contains(f.FullName))).OrderByDescending(f => f.Bytes)], folders.Count > MostFolders);
    }

    // staging/RUN/NODE/EPOCH-NONCE
    static IEnumerable<DirectoryInfo> Folders(string staging) =>
        !Directory.Exists(staging) ? [] : new DirectoryInfo(staging).EnumerateDirectories().SelectMany(Below).SelectMany(Below);

    static IEnumerable<DirectoryInfo> Below(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateDirectories();
        }
        catch (IOException)
        {
            // It went while we looked.
            return [];
        }
    }

    static StagingFolder Folder(HomePaths paths, DirectoryInfo folder, bool running)
    {
        try
        {
            var files = folder.EnumerateFiles("*", SearchOption.AllDirectories).Take(MostFiles + 1).Select(f => f.Exists ? f.Length : 0).ToList();
            return new StagingFolder(Path.GetRelativePath(paths.Staging, folder.FullName), running, files.Take(MostFiles).Sum(), files.Count > MostFiles, folder.LastWriteTimeUtc);
        }
        catch (IOException)
        {
            return new StagingFolder(Path.GetRelativePath(paths.Staging, folder.FullName), running, 0, false, folder.LastWriteTimeUtc);
        }
    }

    static long Size(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;
}
