namespace DataPrep.Readers;

/// <summary>Turns the sources of a corpus (files, folders, patterns) into files: source by source, each in ordinal order of names.</summary>
public static class SourceFiles
{
    /// <summary>The source that stands for the reference assemblies' documentation of the installed .NET SDK.</summary>
    public const string DotnetSdk = "dotnet-sdk";

    /// <summary>Finds the files of the sources.</summary>
    /// <param name="root">Folder that relative sources start from.</param>
    /// <param name="sources">Files, folders (all files of the format below them), patterns (* ? [..] ** {a,b}), or <see cref="DotnetSdk"/>; ".gz" files count everywhere.</param>
    /// <param name="reader">The format: which names it takes of a folder.</param>
    /// <param name="allowed">Folders that files may lie in, links resolved; null is <paramref name="root"/> alone. A person who names a path on the command line allows it by that: pass its folder.</param>
    /// <returns>Files without hashes. Names are relative to <paramref name="root"/>, or for sources outside of it to the source's own folder, with that folder's name in front.</returns>
    /// <exception cref="DataPrepException">A source matches nothing, or leads out of the allowed folders.</exception>
    public static IReadOnlyList<CorpusFile> Resolve(string root, IEnumerable<string> sources, ICorpusReader reader, IReadOnlyList<string>? allowed = null)
    {
        root = Path.GetFullPath(root);
        var fence = new PathFence(allowed ?? [root]);
        var files = new List<CorpusFile>();
        foreach (var (position, source) in sources.Index())
        {
            files.AddRange((source == DotnetSdk ? DotnetSdkFiles.Find() : Resolve(root, source, reader, fence)).Select(f => f with { Source = position }));
        }

        var distinct = files.DistinctBy(f => f.Path).ToList();
        if (distinct.Count == 0)
        {
            throw new DataPrepException("No source is named. Expected files, folders or patterns.");
        }

        if (distinct.GroupBy(f => f.Name).FirstOrDefault(g => g.Count() > 1) is { } clash)
        {
            throw new DataPrepException($"Two files would have the same name '{clash.Key}' in the corpus: {string.Join(" and ", clash.Select(f => $"'{f.Path}'"))}. Name a folder that holds both as the source.");
        }

        return distinct;
    }

    static List<CorpusFile> Resolve(string root, string source, ICorpusReader reader, PathFence fence)
    {
        var full = Path.GetFullPath(Path.Combine(root, source));
        List<string> found;
        string origin;
        if (File.Exists(full))
        {
            (found, origin) = ([full], Path.GetDirectoryName(full)!);
        }
        else if (Directory.Exists(full))
        {
            (found, origin) = (OfFolder(full, reader, fence), full);
        }
        else if (GlobPattern.Is(source))
        {
            var pattern = GlobPattern.Parse(root, source);
            (found, origin) = (Directory.Exists(pattern.Folder) ? [.. Walk(pattern.Folder, fence).Where(f => pattern.Matches(f))] : [], pattern.Folder);
        }
        else
        {
            throw new DataPrepException($"Source '{source}' does not exist: there is no file or folder '{full}'. Relative sources start from '{root}'.");
        }

        if (found.Count == 0)
        {
            throw new DataPrepException($"Source '{source}' has no file: looked in '{origin}' for {(GlobPattern.Is(source) && !Directory.Exists(full) ? "the pattern" : string.Join(", ", reader.FileNames) + " (also .gz)")}. Check the path and the format ({reader.Format}).");
        }

        return [.. found.Select(f => new CorpusFile(fence.Check(f, source), Name(root, origin, f))).OrderBy(f => f.Name, StringComparer.Ordinal)];
    }

    static List<string> OfFolder(string folder, ICorpusReader reader, PathFence fence)
    {
        var patterns = reader.FileNames.SelectMany(n => new[] { n, n + ".gz" }).Select(n => GlobPattern.Parse(folder, "**/" + n)).ToList();
        var files = Walk(folder, fence).Where(f => patterns.Any(p => p.Matches(f))).ToHashSet(StringComparer.Ordinal);

        // A packed copy beside its unpacked file is the same rows again.
        return [.. files.Where(f => !f.EndsWith(".gz", StringComparison.Ordinal) || !files.Contains(f[..^3]))];
    }

    static IEnumerable<string> Walk(string folder, PathFence fence)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([folder]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(PathFence.Real(fence.Check(next, folder))))
            {
                continue; // a link that leads back
            }

            foreach (var entry in Directory.EnumerateFileSystemEntries(next).Where(e => !Path.GetFileName(e).StartsWith('.')))
            {
                if (Directory.Exists(entry))
                {
                    open.Push(entry);
                }
                else
                {
                    yield return entry;
                }
            }
        }
    }

    static string Name(string root, string origin, string file)
    {
        var inside = Path.GetRelativePath(root, file);
        var name = inside.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(inside)
            ? Path.Combine(Path.GetFileName(origin), Path.GetRelativePath(origin, file))
            : inside;
        return name.Replace('\\', '/');
    }
}
