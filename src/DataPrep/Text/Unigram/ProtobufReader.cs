using System.Buffers.Binary;

namespace DataPrep.Text.Unigram;

/// <summary>Reads the fields of one protobuf message (varints, fixed numbers and byte strings) within the bounds of its bytes.</summary>
ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string source)
{
    readonly ReadOnlySpan<byte> bytes = bytes;
    readonly string source = source;
    int position;

    /// <summary>Number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a varint or fixed field; 0 for a byte string.</summary>
    public ulong Number { get; private set; }

    /// <summary>Value of a byte string field; empty for a number.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Value of a 4-byte field as a float.</summary>
    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Number);

    /// <summary>Reads the next field; false at the end.</summary>
    public bool Next()
    {
        if (position == bytes.Length)
        {
            return false;
        }

        var start = position;
        var tag = Varint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        Number = 0;
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new DataPrepException($"{source}: the field at byte {start} is of wire type {tag & 7}. Expected 0, 1, 2 or 5: this is no SentencePiece model, or a torn one.");
        }

        return true;
    }

    ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new DataPrepException($"{source}: a number before byte {position} has more than 10 bytes. Expected a protobuf varint: this is no SentencePiece model, or a torn one.");
    }

    ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(bytes.Length - position))
        {
            throw new DataPrepException($"{source} ends at byte {bytes.Length}, and a field at byte {position} needs {length} more. Expected a whole SentencePiece model: the file is cut short or broken.");
        }

        var taken = bytes.Slice(position, (int)length);
        position += (int)length;
        return taken;
    }
}
