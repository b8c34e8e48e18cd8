using System.Buffers.Binary;
using System.Text;

namespace Trainer.Checkpoints;

/// <summary>
/// The zip archive that <c>torch.save</c> writes: members stored as they are, never compressed. Everything in it is checked before it is used: sizes against the file,
/// the list of members against its bounds, contents against their checksums.
/// </summary>
sealed class PickledTensorsArchive : IDisposable
{
    /// <summary>Most bytes that the list of members may have.</summary>
    public const int MaxDirectory = 1 << 20;

    const int EndBytes = 22, MemberBytes = 46, LocalBytes = 30;
    const uint EndMark = 0x06054b50, MemberMark = 0x02014b50, LocalMark = 0x04034b50;

    static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Enumerable.Range(0, 8).Aggregate((uint)i, (c, _) => (c & 1) == 0 ? c >> 1 : 0xEDB88320 ^ (c >> 1)))];

    readonly string _path;
    readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    readonly Dictionary<string, (long Header, long Size, uint Checksum)> _members = new(StringComparer.Ordinal);
    long _directory;

    public PickledTensorsArchive(string path)
    {
        _path = path;
        _file = File.OpenHandle(path);
        try
        {
            ReadDirectory();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public IEnumerable<string> Names => _members.Keys;

    /// <summary>Size of a member in bytes; null where there is none of the name.</summary>
    public long? SizeOf(string name) => _members.TryGetValue(name, out var member) ? member.Size : null;

    /// <summary>Bytes of a member.</summary>
    public byte[] Read(string name)
    {
        var (header, size, checksum) = _members[name];
        var local = Bytes(header, LocalBytes);
        var data = header + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(local.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(local.AsSpan(28));
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalMark || size > _directory - data || size > Array.MaxLength)
        {
            throw Bad($"member '{name}' does not lie within the file");
        }

        var bytes = Bytes(data, (int)size);
        return Checksum(bytes) == checksum ? bytes : throw Bad($"member '{name}' is damaged: its checksum differs");
    }

    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32 as zip archives have it (ISO 3309).</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    public TrainerException Bad(string what, Exception? inner = null) => new($"{_path} is no sound file of torch.save: {what}.", inner);

    void ReadDirectory()
    {
        var size = RandomAccess.GetLength(_file);
        var tail = Bytes(Math.Max(0, size - EndBytes - ushort.MaxValue), (int)Math.Min(size, EndBytes + ushort.MaxValue));
        var end = tail.Length - EndBytes;
        while (end >= 0 && (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end)) != EndMark || BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 20)) != tail.Length - end - EndBytes))
        {
            end--;
        }

        if (end < 0)
        {
            throw Bad(size > 2 && Bytes(0, 2).AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0x80, 0x02])
                ? "it is a pickle without a zip archive, as PyTorch wrote before 1.6; load and save it again with a newer one"
                : "it is no zip archive");
        }

        var record = tail.AsSpan(end);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        _directory = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        var limit = size - tail.Length + end;
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) != 0 || BinaryPrimitives.ReadUInt16LittleEndian(record[8..]) != count || length > MaxDirectory || _directory + length > limit)
        {
            throw Bad($"its list of {count} members claims {length} bytes at {_directory}, the file has {size} and at most {MaxDirectory} are allowed");
        }

        var directory = Bytes(_directory, (int)length).AsSpan();
        for (var i = 0; i < count; i++)
        {
            directory = directory[ReadMember(directory)..];
        }
    }

    // Returns the bytes of the member's entry in the list.
    int ReadMember(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < MemberBytes || BinaryPrimitives.ReadUInt32LittleEndian(entry) != MemberMark)
        {
            throw Bad("its list of members ends early");
        }

        int name = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]);
        var total = MemberBytes + name + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        if (total > entry.Length)
        {
            throw Bad("its list of members ends early");
        }

        var text = Encoding.UTF8.GetString(entry.Slice(MemberBytes, name));
        var (flags, method) = (BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]));
        var (packed, size, header) = (BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]));
        if ((flags & 1) != 0 || method != 0 || packed != size)
        {
            throw Bad($"member '{text}' is compressed or encrypted (method {method}, flags {flags}); torch.save stores members as they are");
        }

        if (header + (long)LocalBytes + name + size > _directory)
        {
            throw Bad($"member '{text}' claims {size} bytes at {header}, which do not lie before the list of members at {_directory}");
        }

        return _members.TryAdd(text, (header, size, BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]))) ? total : throw Bad($"member '{text}' occurs twice");
    }

    byte[] Bytes(long offset, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = RandomAccess.Read(_file, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw Bad("the file ended early");
        }

        return bytes;
    }
}
