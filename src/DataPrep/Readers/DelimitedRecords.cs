namespace DataPrep.Readers;

/// <summary>
/// Records of a csv or tsv stream as bytes (RFC 4180): fields in quotes may hold delimiters, line ends and doubled quotes; records end in \n or \r\n.
/// Works on bytes, so that one record that is no UTF-8 does not take the rest along.
/// </summary>
sealed class DelimitedRecords(Stream stream, byte delimiter, bool quotes)
{
    readonly byte[] buffer = new byte[1 << 16];
    readonly List<byte[]> fields = [];
    readonly List<byte> field = [];
    int at;
    int end;
    bool first = true;

    /// <summary>Fields of the last record.</summary>
    internal IReadOnlyList<byte[]> Fields => fields;

    /// <summary>What was wrong with the last record; null for a sound one.</summary>
    internal (string Reason, string Detail)? Fault { get; private set; }

    /// <summary>Reads the next record. False at the end.</summary>
    internal bool Next()
    {
        fields.Clear();
        field.Clear();
        Fault = null;
        var length = 0L;
        var quoted = false; // inside quotes
        var closed = false; // behind a closing quote
        int b;
        while ((b = Byte()) >= 0)
        {
            if (++length > ByteLines.Longest)
            {
                Fault = (RejectReason.TooLong, $"the record is longer than {ByteLines.Longest >> 20} MiB");
                field.Clear();
            }

            if (quoted)
            {
                if (b != '"')
                {
                    field.Add((byte)b);
                }
                else if (Peek() == '"')
                {
                    field.Add((byte)Byte());
                }
                else
                {
                    (quoted, closed) = (false, true);
                }
            }
            else if (b == delimiter)
            {
                EndField();
                closed = false;
            }
            else if (b == '\n')
            {
                EndField();
                return true;
            }
            else if (b == '\r' && Peek() is '\n' or -1)
            {
                // The line end's first half.
            }
            else if (closed)
            {
                Fault ??= (RejectReason.InvalidRecord, $"text behind the closing quote of field {fields.Count + 1}");
            }
            else if (quotes && b == '"' && field.Count == 0)
            {
                quoted = true;
            }
            else
            {
                field.Add((byte)b);
            }
        }

        if (quoted)
        {
            Fault ??= (RejectReason.InvalidRecord, $"the quote of field {fields.Count + 1} never ends: the record reaches to the end of the file");
        }

        if (length == 0)
        {
            return false;
        }

        EndField();
        return true;
    }

    void EndField()
    {
        if (Fault?.Reason != RejectReason.TooLong)
        {
            fields.Add(field.ToArray());
        }

        field.Clear();
    }

    int Byte() => at < end || Fill() ? buffer[at++] : -1;

    int Peek() => at < end || Fill() ? buffer[at] : -1;

    bool Fill()
    {
        at = 0;
        end = stream.Read(buffer, 0, buffer.Length);
        if (first && end >= 3 && buffer is [0xEF, 0xBB, 0xBF, ..])
        {
            at = 3;
        }

        first = false;
        return at < end;
    }
}
