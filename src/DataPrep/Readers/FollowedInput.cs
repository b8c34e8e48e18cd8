namespace DataPrep.Readers;

/// <summary>The bytes of a stream, then some more, with a count of the stream's own.</summary>
sealed class FollowedInput(Stream stream, byte[] more) : Stream
{
    int given;

    /// <summary>Bytes read of the stream itself.</summary>
    internal long FileBytes { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = stream.Read(buffer);
        if (read == 0)
        {
            read = Math.Min(buffer.Length, more.Length - given);
            more.AsSpan(given, read).CopyTo(buffer);
            given += read;
            return read;
        }

        FileBytes += read;
        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
