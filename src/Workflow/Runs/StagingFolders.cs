namespace Workflow.Runs;

/// <summary>Folders of work in progress.</summary>
static class StagingFolders
{
    /// <summary>Removes an attempt's folder; its parents stay, as a sibling may be about to write below them. One that cannot go now (a dying child still writes in it) is left to the next sweep.</summary>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (IOException)
        {
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Removes what is empty of a run's folders, once nothing of it runs here.</summary>
    /// <param name="run">Its folder below staging.</param>
    public static void RemoveEmpty(string run)
    {
        try
        {
            foreach (var node in Directory.Exists(run) ? Directory.GetDirectories(run).Append(run) : [])
            {
                if (!Directory.EnumerateFileSystemEntries(node).Any())
                {
                    Directory.Delete(node);
                }
            }
        }
        catch (IOException)
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

        foreach (var run in Directory.Exists(staging) ? Directory.GetDirectories(staging) : [])
        {
            RemoveEmpty(run);
        }

        return removed;
    }
}
