namespace DataPrep.Readers;

/// <summary>Keeps paths inside the allowed folders, whatever links and dots they go through.</summary>
sealed class PathFence(IReadOnlyList<string> allowed)
{
    readonly string[] roots = [.. allowed.Select(Real)];

    /// <summary>The path itself.</summary>
    /// <exception cref="DataPrepException">It lies outside.</exception>
    internal string Check(string path, string source)
    {
        var real = Real(path);
        return roots.Any(r => real == r || real.StartsWith(r.EndsWith('/') ? r : r + "/", StringComparison.Ordinal))
            ? path
            : throw new DataPrepException($"Source '{source}' leads to '{real}', outside of the allowed folders ({string.Join(", ", allowed)}). Put the data inside, or allow its folder.");
    }

    /// <summary>The path with every link in it resolved.</summary>
    internal static string Real(string path)
    {
        var full = Path.GetFullPath(path);
        for (var links = 0; links < 64; links++)
        {
            if (Resolve(full) is not { } target)
            {
                return full;
            }

            full = target;
        }

        throw new DataPrepException($"'{path}' goes through more than 64 links.");
    }

    // The path with its first link replaced by what it points to; null where there is none.
    static string? Resolve(string full)
    {
        for (var at = full.IndexOf('/', 1); ; at = full.IndexOf('/', at + 1))
        {
            var prefix = at < 0 ? full : full[..at];
            if (new FileInfo(prefix).LinkTarget is { } target)
            {
                return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(prefix)!, target) + (at < 0 ? "" : full[at..]));
            }

            if (at < 0)
            {
                return null;
            }
        }
    }
}
