using Microsoft.Win32.SafeHandles;

namespace Workflow.Outside;

/// <summary>
/// Appends messages to a file, one line each, and makes them durable before they count as delivered. A line that a crash cut in half is taken off before the first write; its message is written again.
/// </summary>
/// <param name="path">The file; made where it is absent, with its folder. It may be moved away at any time: the next batch starts a new one.</param>
sealed class FileSink(string path) : ISink
{
    /// <inheritdoc/>
    public int Batch => 500;

    /// <inheritdoc/>
    public Task<Delivery> SendAsync(IReadOnlyList<OutsideMessage> messages, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var fresh = !File.Exists(path);
            using var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            var whole = WholeLines(file);
            RandomAccess.SetLength(file, whole);
            try
            {
                var at = whole;
                foreach (var message in messages)
                {
                    RandomAccess.Write(file, [message.Body, Newline], at);
                    at += message.Body.Length + 1;
                }

                RandomAccess.FlushToDisk(file);
            }
            catch (IOException)
            {
                // A full disk: what is half written goes, as after a crash.
                RandomAccess.SetLength(file, whole);
                throw;
            }

            if (fresh)
            {
                Native.Libc.Sync(Path.GetDirectoryName(path)!);
            }

            return Task.FromResult(new Delivery(messages.Count, null));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult(new Delivery(0, new SinkFault($"Cannot write {path}: {fault.Message}")));
        }
    }

    static byte[] Newline { get; } = "\n"u8.ToArray();

    /// <summary>Length of the file up to its last whole line.</summary>
    static long WholeLines(SafeFileHandle file)
    {
        Span<byte> buffer = stackalloc byte[4096];
        var end = RandomAccess.GetLength(file);
        while (end > 0)
        {
            var from = Math.Max(0, end - buffer.Length);
            var read = RandomAccess.Read(file, buffer[..(int)(end - from)], from);
            var at = buffer[..read].LastIndexOf((byte)'\n');
            if (at >= 0)
            {
                return from + at + 1;
            }

            end = from;
        }

        return 0;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
