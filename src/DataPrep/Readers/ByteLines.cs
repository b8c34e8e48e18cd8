namespace DataPrep.Readers;

/// <summary>Lines of a stream as bytes, without \n or \r\n and without a leading byte order mark. Memory is bounded by the longest line, at most <see cref="Longest"/>.</summary>
sealed class ByteLines(Stream stream)
{
    /// <summary>Bytes of the longest line that is kept; a longer one comes as null.</summary>
    internal const int Longest = 64 << 20;

    static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    byte[] buffer = new byte[1 << 16];
    int start;
    int end;
    bool first = true;
    bool overlong;

    /// <summary>The next line in <paramref name="line"/> (valid until the next call); null where it is too long. False at the end of the stream.</summary>
    internal bool Next(out ReadOnlyMemory<byte>? line)
    {
        var searched = start;
        while (true)
        {
            var newline = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = Take(searched + newline, 1);
                return true;
            }

            searched = end;
            if (!Fill(ref searched))
            {
                if (end == start && !overlong)
                {
                    line = null;
                    return false;
                }

                line = Take(end, 0);
                return true;
            }
        }
    }

    ReadOnlyMemory<byte>? Take(int stop, int terminator)
    {
        var from = start;
        start = stop + terminator;
        if (overlong || stop - from > Longest)
        {
            overlong = first = false;
            return null;
        }

        if (stop > from && terminator == 1 && buffer[stop - 1] == '\r')
        {
            stop--;
        }

        if (first && buffer.AsSpan(from, stop - from).StartsWith(Mark))
        {
            from += Mark.Length;
        }

        first = false;
        return buffer.AsMemory(from, stop - from);
    }

    bool Fill(ref int searched)
    {
        if (end - start > Longest)
        {
            overlong = true;
            start = searched = end = 0;
        }

        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            searched -= start;
            start = 0;
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = stream.Read(buffer, end, buffer.Length - end);
        end += read;
        return read > 0;
    }
}
