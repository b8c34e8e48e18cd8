using System.IO.Compression;

namespace Workflow.Dashboard.LineagePages;

/// <summary>A row of a source file of lines, read from the file as it is now.</summary>
static class SourceLine
{
    const long MostBytes = 256L << 20;
    const int LongestLine = 20_000;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The row, or why it cannot be shown.</summary>
    /// <param name="path">The file.</param>
    /// <param name="row">Zero-based.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<(string? Line, string? Note)> ReadAsync(string path, long row, CancellationToken cancellationToken)
    {
        var name = path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path;
        if (!name.EndsWith(".jsonl", StringComparison.Ordinal) && !name.EndsWith(".ndjson", StringComparison.Ordinal))
        {
            return (null, "The row is shown for files of one JSON object a line; of others the place is told.");
        }

        if (!File.Exists(path))
        {
            return (null, "The file is no longer where the run read it.");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using Stream bytes = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var lines = new StreamReader(bytes);
            long read = 0;
            for (long at = 0; await lines.ReadLineAsync(patience.Token) is { } line; at++)
            {
                if (at == row)
                {
                    return (line.Length > LongestLine ? line[..LongestLine] + "…" : line, null);
                }

                if ((read += line.Length) > MostBytes)
                {
                    return (null, "The row lies too far into the file to be shown here.");
                }
            }

            return (null, "The file has changed since: it has no such row now.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, "The row lies too far into the file to be shown here.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (null, fault.Message);
        }
    }
}
