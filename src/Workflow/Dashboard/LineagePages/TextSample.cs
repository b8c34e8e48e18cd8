using System.Text;
using Workflow.Artifacts;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Lines of a file of text, read from its beginning and never more than <see cref="MostBytes"/> of it.</summary>
static class TextSample
{
    const int MostBytes = 512 * 1024, LongestLine = 4000;
    static readonly string[] Endings = [".json", ".jsonl", ".txt", ".csv", ".tsv", ".md", ".yaml", ".yml", ".xml", ".html", ".log"];

    /// <summary>Whether a file is text by its name.</summary>
    public static bool Fits(ManifestMember member) => Endings.Contains(Path.GetExtension(member.Name), StringComparer.Ordinal);

    /// <summary>Lines from a position on; fewer where the file or what is read of it ends.</summary>
    public static async Task<SampleRows?> ReadAsync(string path, long from, int limit, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var bytes = new byte[MostBytes];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var read = await file.ReadAtLeastAsync(bytes, MostBytes, throwOnEndOfStream: false, cancellationToken);
        var rows = new List<IReadOnlyList<string>>();
        using var lines = new StringReader(Encoding.UTF8.GetString(bytes, 0, read));
        for (long at = 0; rows.Count < limit && lines.ReadLine() is { } line; at++)
        {
            if (at >= from)
            {
                rows.Add([(at + 1).ToString(), line.Length > LongestLine ? line[..LongestLine] + "…" : line]);
            }
        }

        return new SampleRows(["line", "text"], rows);
    }
}
