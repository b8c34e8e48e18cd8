using System.IO.Compression;
using System.Security.Cryptography;

namespace DataPrep.Readers;

/// <summary>
/// The unpacked bytes of a gzip file (one or more members). GZipStream takes the end of a cut file for the end of its data; so a small member of our own with a known
/// content is fed to it behind the file's bytes: only when every member before is complete, checksum included, does the output end in that content.
/// </summary>
sealed class GzipContent : Stream
{
    static readonly byte[] Marker = SHA256.HashData("end of a complete gzip file"u8);
    readonly Stream file;
    readonly string name;
    readonly FollowedInput input;
    readonly GZipStream unpacked;
    readonly byte[] window = new byte[1 << 16];
    int start;
    int end;
    bool atEnd;
    long position;

    internal GzipContent(Stream file, string name)
    {
        (this.file, this.name) = (file, name);
        input = new FollowedInput(file, Sentinel());
        unpacked = new GZipStream(input, CompressionMode.Decompress, leaveOpen: true);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => position; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            // The last bytes are held back: they may be the marker.
            while (!atEnd && end - start <= Marker.Length)
            {
                Fill();
            }
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e.Message);
        }

        var ready = Math.Min(buffer.Length, end - start - (atEnd ? 0 : Marker.Length));
        window.AsSpan(start, ready).CopyTo(buffer);
        start += ready;
        position += ready;
        return ready;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unpacked.Dispose();
            file.Dispose();
        }

        base.Dispose(disposing);
    }

    static byte[] Sentinel()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Marker);
        }

        return packed.ToArray();
    }

    void Fill()
    {
        window.AsSpan(start, end - start).CopyTo(window);
        end -= start;
        start = 0;
        var read = unpacked.Read(window, end, window.Length - end);
        end += read;
        if (read > 0)
        {
            return;
        }

        if (input.FileBytes == 0 || end < Marker.Length || !window.AsSpan(end - Marker.Length, Marker.Length).SequenceEqual(Marker))
        {
            throw Damaged("the data ends in the middle of a member");
        }

        end -= Marker.Length;
        atEnd = true;
    }

    DataPrepException Damaged(string fault) => new(
        $"'{name}' is a truncated or damaged gzip file: {fault.TrimEnd('.')}, after byte {input.FileBytes} of {file.Length} and {position} unpacked bytes. Expected a complete .gz file; fetch or make it again. Nothing of it was used.");
}
