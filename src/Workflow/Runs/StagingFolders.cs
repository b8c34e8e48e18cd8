namespace Workflow.Runs;

/// <summary>Folders of work in progress.</summary>
static class StagingFolders
{
    /// <summary>Makes a folder of an attempt. A sibling that ends takes away parents that are empty just then: they are made again.</summary>
    public static void Create(string folder)
    {
        const int tries = 1000;
        for (var i = 1; ; i++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                return;
            }
            catch (DirectoryNotFoundException) when (i < tries)
            {
            }
        }
    }

    /// <summary>Removes an attempt's folder and parents that became empty. One that cannot go now (a dying child still writes in it) is left to the next sweep.</summary>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            for (var parent = Path.GetDirectoryName(folder); parent is not null && Path.GetFileName(parent) != "staging"; parent = Path.GetDirectoryName(parent))
            {
                if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
                {
                    Directory.Delete(parent);
                }
            }
        }
        catch (IOException)
        {
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Removes every attempt folder that is not in the list.</summary>
    /// <param name="staging">The home's staging folder.</param>
    /// <param name="alive">Absolute folders of running attempts.</param>
    public static int Sweep(string staging, IReadOnlySet<string> alive)
    {
        var removed = 0;
        foreach (var folder in Directory.Exists(staging) ? Directory.GetDirectories(staging).SelectMany(Directory.GetDirectories).SelectMany(Directory.GetDirectories) : [])
        {
            if (!alive.Contains(folder))
            {
                Remove(folder);
                removed++;
            }
        }

        return removed;
    }
}
