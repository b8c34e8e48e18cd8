namespace Workflow.Jobs;

/// <summary>Finds the known name that a mistyped one most likely meant.</summary>
static class NearestName
{
    /// <summary>The nearest known name by edits (insert, remove, replace, swap of neighbours); null where none is near: more than a third of the letters differ.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var allowed = Math.Max(2, name.Length / 3);
        return known
            .Select(k => (Name: k, Edits: Distance(name.ToLowerInvariant().Replace('-', '_'), k.ToLowerInvariant().Replace('-', '_'))))
            .Where(k => k.Edits <= allowed && k.Edits < Math.Max(name.Length, k.Name.Length))
            .OrderBy(k => k.Edits)
            .ThenBy(k => k.Name, StringComparer.Ordinal)
            .Select(k => k.Name)
            .FirstOrDefault();
    }

    /// <summary>"; did you mean 'x'? Known: x, y." as far as there is something to say.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> known)
    {
        var nearest = Of(name, known);
        var hint = nearest is null ? "." : $"; did you mean '{nearest}'?";
        return known.Count == 0 ? $"{hint} None are known here." : $"{hint} Known: {string.Join(", ", known)}.";
    }

    /// <summary>Edits between two names (optimal string alignment); the cost is bounded by looking at 100 letters.</summary>
    static int Distance(string a, string b)
    {
        a = a.Length > 100 ? a[..100] : a;
        b = b.Length > 100 ? b[..100] : b;
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
