using System.Text;
using System.Text.RegularExpressions;

namespace DataPrep.Readers;

/// <summary>A path pattern: * and ? within a name, [..] one character of a set, {a,b} alternatives, ** any number of folders.</summary>
sealed class GlobPattern
{
    readonly Regex regex;

    GlobPattern(string folder, string pattern) => (Folder, regex) = (folder, new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    /// <summary>The folder above the first segment with a wildcard.</summary>
    internal string Folder { get; }

    internal static bool Is(string source) => source.AsSpan().ContainsAny("*?[{");

    /// <summary>A pattern that starts from a folder; its leading names without wildcards become part of the folder.</summary>
    internal static GlobPattern Parse(string folder, string source)
    {
        var segments = source.Split('/');
        var first = Math.Max(0, Array.FindIndex(segments, Is));
        var lead = string.Join('/', segments[..first]);
        folder = Path.GetFullPath(source.StartsWith('/') ? lead + "/" : Path.Combine(folder, lead));
        return new GlobPattern(folder.Length > 1 ? folder.TrimEnd('/') : folder, Translate(string.Join('/', segments[first..])));
    }

    /// <summary>Whether a path below <see cref="Folder"/> fits.</summary>
    internal bool Matches(string path) => regex.IsMatch(Path.GetRelativePath(Folder, path));

    static string Translate(string glob)
    {
        var pattern = new StringBuilder(@"\A");
        var alternatives = 0;
        for (var i = 0; i < glob.Length; i++)
        {
            switch (glob[i])
            {
                case '*' when glob.AsSpan(i).StartsWith("**/"):
                    pattern.Append("(?:.*/)?");
                    i += 2;
                    break;
                case '*' when glob.AsSpan(i).StartsWith("**"):
                    pattern.Append(".*");
                    i++;
                    break;
                case '*':
                    pattern.Append("[^/]*");
                    break;
                case '?':
                    pattern.Append("[^/]");
                    break;
                case '[' when glob.IndexOf(']', i + 2) is var close && close > 0:
                    var set = glob[(i + 1)..close];
                    var negated = set[0] is '!' or '^';
                    pattern.Append(negated ? "[^/" : "[").Append((negated ? set[1..] : set).Replace(@"\", @"\\").Replace("[", @"\[").Replace("^", @"\^")).Append(']');
                    i = close;
                    break;
                case '{':
                    pattern.Append("(?:");
                    alternatives++;
                    break;
                case '}' when alternatives > 0:
                    pattern.Append(')');
                    alternatives--;
                    break;
                case ',' when alternatives > 0:
                    pattern.Append('|');
                    break;
                default:
                    pattern.Append(Regex.Escape(glob[i].ToString()));
                    break;
            }
        }

        return alternatives > 0
            ? throw new DataPrepException($"Pattern '{glob}': a {{ without its }}.")
            : pattern.Append(@"\z").ToString();
    }
}
