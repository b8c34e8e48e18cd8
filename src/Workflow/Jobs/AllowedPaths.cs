namespace Workflow.Jobs;

/// <summary>Keeps the paths of a job inside its allowed roots.</summary>
/// <param name="root">Folder that relative paths of the job file start from; always allowed.</param>
/// <param name="currentFolder">Folder that relative paths given on the command line start from.</param>
/// <param name="allowed">Roots allowed from the start (those of a stored job).</param>
/// <param name="givenIsAllowed">Whether giving a path on the command line allows it; not where a server is given it from elsewhere.</param>
sealed class AllowedPaths(string root, string currentFolder, IEnumerable<string> allowed, bool givenIsAllowed = true)
{
    readonly SortedSet<string> roots = new(allowed, StringComparer.Ordinal);

    /// <summary>Absolute roots beside the root of the job, in ordinal order.</summary>
    public IReadOnlyList<string> Roots => [.. roots];

    /// <summary>The path as the stage sees it: as written in the job file, absolute where the command line gave it. Null with a fault where it leads outside.</summary>
    public string? Check(JobScalar node, string path, FaultList faults)
    {
        if (node.Text.Length == 0 || node.Text.Contains('\0'))
        {
            faults.Add(node, path, "found an empty path; expected a file or folder.");
            return null;
        }

        if (givenIsAllowed && node.Given is { } given)
        {
            roots.Add(Path.TrimEndingDirectorySeparator(Path.GetFullPath(FixedPart(given), currentFolder)));
        }

        var full = Path.GetFullPath(node.Text, node.Given is null ? root : currentFolder);
        var real = LinkTarget(FixedPart(full));
        if (IsAllowed(full) && IsAllowedTarget(real))
        {
            return node.Given is null ? node.Text : full;
        }

        var led = real == FixedPart(full) ? "" : $", which leads to '{real}'";
        faults.Add(node, path, $"found the path '{node.Text}'{led}, outside the allowed folders ({string.Join(", ", roots.Prepend(root))}); expected one inside, or give it on the command line with --set.");
        return null;
    }

    bool IsAllowed(string full) => roots.Prepend(root).Any(r => IsInside(full, r));

    bool IsAllowedTarget(string real) => roots.Prepend(root).Any(r => IsInside(real, r) || IsInside(real, LinkTarget(r)));

    static bool IsInside(string full, string folder) =>
        full == folder || full.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + '/', StringComparison.Ordinal);

    /// <summary>The path up to its first step with a wildcard.</summary>
    static string FixedPart(string path)
    {
        var wild = path.AsSpan().IndexOfAny('*', '?', '[');
        if (wild < 0)
        {
            return path;
        }

        var cut = path.LastIndexOf('/', wild);
        return cut < 0 ? "." : cut == 0 ? "/" : path[..cut];
    }

    /// <summary>The path with every symbolic link on the way followed; steps that do not exist stay.</summary>
    static string LinkTarget(string full)
    {
        var real = "/";
        var steps = new Stack<string>(full.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        for (var followed = 0; steps.TryPop(out var step);)
        {
            var next = Path.Combine(real, step);
            if (new FileInfo(next).LinkTarget is { } target && ++followed <= 40)
            {
                foreach (var inner in Path.GetFullPath(target, real).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    steps.Push(inner);
                }

                real = "/";
            }
            else
            {
                real = next;
            }
        }

        return real;
    }
}
