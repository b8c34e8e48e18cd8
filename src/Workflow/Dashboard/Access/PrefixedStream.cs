using System.Text;

namespace Workflow.Dashboard.Access;

/// <summary>
/// Passes pages and their live parts on and puts a path before the local addresses in their attributes: href, src, action, data-* and hx-*. Text that comes from data has its quotation marks written as
/// character references by then, so nothing in it looks like an attribute. What has a known length, as a published report, is passed on as it is.
/// </summary>
sealed class PrefixedStream(Stream inner, HttpResponse response, string prefix) : Stream
{
    readonly byte[] before = Encoding.ASCII.GetBytes(prefix);

    // The end of what was passed on: an attribute's name may stand in an earlier piece than its address.
    readonly byte[] behind = new byte[32];
    int known;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await inner.WriteAsync(Applies ? Prefixed(buffer.Span) : buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(Applies ? Prefixed(buffer.AsSpan(offset, count)) : buffer.AsSpan(offset, count).ToArray());

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    bool Applies => response.ContentLength is null && response.ContentType is { } type && (type.StartsWith("text/html", StringComparison.Ordinal) || type.StartsWith("text/event-stream", StringComparison.Ordinal));

    byte[] Prefixed(ReadOnlySpan<byte> piece)
    {
        var all = new byte[known + piece.Length];
        behind.AsSpan(0, known).CopyTo(all);
        piece.CopyTo(all.AsSpan(known));
        var written = new List<byte>(piece.Length + 256);
        var from = known;
        for (var at = known; at < all.Length; at++)
        {
            if (all[at] == (byte)'/' && BeginsAddress(all.AsSpan(0, at)))
            {
                written.AddRange(all.AsSpan(from, at - from));
                written.AddRange(before);
                from = at;
            }
        }

        written.AddRange(all.AsSpan(from));
        known = Math.Min(behind.Length, all.Length);
        all.AsSpan(all.Length - known).CopyTo(behind);
        return [.. written];
    }

    static bool BeginsAddress(ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith("=\""u8))
        {
            return false;
        }

        var name = text[..^2];
        name = name[(name.LastIndexOfAny((byte)' ', (byte)'\n', (byte)'\t') + 1)..];
        return name.SequenceEqual("href"u8) || name.SequenceEqual("src"u8) || name.SequenceEqual("action"u8) || name.SequenceEqual("formaction"u8) || name.SequenceEqual("xlink:href"u8) || name.StartsWith("data-"u8) || name.StartsWith("hx-"u8);
    }
}
