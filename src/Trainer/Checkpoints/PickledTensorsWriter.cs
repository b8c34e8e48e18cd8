using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Trainer.Checkpoints;

/// <summary>
/// Writes a state dict of 32-bit floats that PyTorch's <c>torch.load</c> reads (also with weights_only): a zip archive of members stored as they are, each at a multiple
/// of 64 bytes. The bytes depend on the tensors and the archive's name alone.
/// </summary>
public static class PickledTensorsWriter
{
    const int Alignment = 64;

    /// <summary>Writes a file and flushes it to disk.</summary>
    /// <param name="path">Where; the file's name without ending is the archive's inner name.</param>
    /// <param name="tensors">Names, shapes and values, row-major, in the order of the state dict.</param>
    /// <exception cref="ArgumentException">Values do not match their shape, or a name occurs twice.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        foreach (var (name, shape, values) in tensors)
        {
            if (shape.Aggregate(1L, (product, size) => checked(product * size)) != values.LongLength || tensors.Count(t => t.Name == name) > 1)
            {
                throw new ArgumentException($"Tensor '{name}' has {values.Length} values and the shape ({string.Join(", ", shape)}); or its name occurs twice.", nameof(tensors));
            }
        }

        var prefix = Path.GetFileNameWithoutExtension(path);
        List<(string Name, byte[] Data)> members = [($"{prefix}/data.pkl", Program(tensors)), ($"{prefix}/byteorder", "little"u8.ToArray())];
        members.AddRange(tensors.Select((t, i) => ($"{prefix}/data/{i}", MemoryMarshal.AsBytes<float>(t.Values).ToArray())));
        members.Add(($"{prefix}/version", "3\n"u8.ToArray()));
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        WriteArchive(file, members);
        file.Flush(flushToDisk: true);
    }

    static byte[] Program(IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        using var bytes = new MemoryStream();
        bytes.Write([0x80, 2]);
        EmptyDict(bytes);
        bytes.WriteByte((byte)'(');
        for (var i = 0; i < tensors.Count; i++)
        {
            var (name, shape, values) = tensors[i];
            Text(bytes, name);
            Global(bytes, "torch._utils", "_rebuild_tensor_v2");
            bytes.Write("(("u8);
            Text(bytes, "storage");
            Global(bytes, "torch", "FloatStorage");
            Text(bytes, $"{i}");
            Text(bytes, "cpu");
            Number(bytes, values.Length);
            bytes.Write("tQ"u8);
            Number(bytes, 0);
            Numbers(bytes, shape);
            Numbers(bytes, [.. shape.Select((_, d) => shape[(d + 1)..].Aggregate(1L, (product, size) => product * size))]);
            bytes.WriteByte(0x89);
            EmptyDict(bytes);
            bytes.Write("tR"u8);
        }

        bytes.Write("u."u8);
        return bytes.ToArray();
    }

    static void EmptyDict(Stream bytes)
    {
        Global(bytes, "collections", "OrderedDict");
        bytes.Write(")R"u8);
    }

    static void Global(Stream bytes, string module, string name) => bytes.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));

    static void Text(Stream bytes, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], utf8.Length);
        bytes.Write(head);
        bytes.Write(utf8);
    }

    static void Numbers(Stream bytes, long[] values)
    {
        bytes.WriteByte((byte)'(');
        foreach (var value in values)
        {
            Number(bytes, value);
        }

        bytes.WriteByte((byte)'t');
    }

    // Elements of one array, so below 2^31.
    static void Number(Stream bytes, long value)
    {
        Span<byte> number = stackalloc byte[5];
        number[0] = (byte)'J';
        BinaryPrimitives.WriteInt32LittleEndian(number[1..], checked((int)value));
        bytes.Write(number);
    }

    static void WriteArchive(Stream file, List<(string Name, byte[] Data)> members)
    {
        using var directory = new MemoryStream();
        long at = 0;
        foreach (var (name, data) in members)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var crc = PickledTensorsArchive.Checksum(data);
            var offset = at;

            // A field of the header that readers skip fills up to the alignment.
            var filler = (int)((Alignment - ((at + 30 + utf8.Length + 4) % Alignment)) % Alignment);
            var header = new byte[30 + utf8.Length + 4 + filler];
            Fields(header, 0x04034b50, crc, data.Length, utf8.Length, version: 4);
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(28), (ushort)(4 + filler));
            utf8.CopyTo(header, 30);
            "FB"u8.CopyTo(header.AsSpan(30 + utf8.Length));
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(32 + utf8.Length), (ushort)filler);
            file.Write(header);
            file.Write(data);
            at += header.Length + data.Length;

            var entry = new byte[46 + utf8.Length];
            Fields(entry, 0x02014b50, crc, data.Length, utf8.Length, version: 6);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(4), 20);
            BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(42), checked((uint)offset));
            utf8.CopyTo(entry, 46);
            directory.Write(entry);
        }

        file.Write(directory.ToArray());
        var end = new byte[22];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)members.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)members.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(12), (uint)directory.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(16), checked((uint)at));
        file.Write(end);
    }

    // What a member's header and its entry in the list have in common, from the place of the version on; the day is the format's first, 1980-01-01.
    static void Fields(Span<byte> bytes, uint mark, uint crc, int size, int name, int version)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, mark);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[version..], 20);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(version + 8)..], 0x21);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(version + 10)..], crc);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(version + 14)..], size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(version + 18)..], size);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(version + 22)..], (ushort)name);
    }
}
