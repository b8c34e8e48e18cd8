using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Trainer.Checkpoints;
using Trainer.Training;

namespace Trainer.Tests.Checkpoints;

/// <summary>Safetensors files from anywhere: every one is read or refused by name, at the cost of its own size.</summary>
public sealed class SafetensorsFuzzTests : IDisposable
{
    static readonly string[] Types = ["BOOL", "U8", "I8", "I16", "F16", "BF16", "I32", "F32", "I64", "F64"];
    static readonly int[] Sizes = [1, 1, 1, 2, 2, 2, 4, 4, 8, 8];
    static readonly string[] Numbers =
    [
        "0", "1", "2", "3", "-1", "4", "8", "2147483647", "2147483648", "4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551616", "1.5", "1e2", "1e400", "-0", "null", "\"2\"", "[]", "{}", "NaN",
    ];

    readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Reader_AcceptsAHeader_WhereAndOnlyWhereItCoversItsData()
    {
        var random = new SplitMix64(20);
        var (accepted, rounds) = (0, FuzzRounds.Count);
        for (var round = 0; round < rounds; round++)
        {
            var (header, data, sound) = Header(ref random);
            Write(header, data);
            var read = Try(out var error);
            Assert.True(read == sound, $"{header} with {data} bytes of data is {(sound ? "sound, but refused: " + error : "unsound, but read")}");
            accepted += read ? 1 : 0;
        }

        Assert.InRange(accepted, rounds / 20, rounds * 19 / 20);
    }

    [Fact]
    public void Reader_ReadsOrRefuses_WhateverBytesAFileHas()
    {
        SafetensorsWriter.Write(_path, [SafetensorsTensor.Floats("a", [4], [1, 2, 3, 4]), SafetensorsTensor.Floats("b", [2, 2], [1, 2, 3, 4])], new Dictionary<string, string> { ["format"] = "pt" });
        var sound = File.ReadAllBytes(_path);
        var random = new SplitMix64(21);
        var (refused, rounds) = (0, FuzzRounds.Count);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = random.Below(4) switch
            {
                0 => sound[..random.Below(sound.Length)],
                1 => [.. sound, .. new byte[random.Below(16)]],
                _ => [.. sound],
            };
            for (var i = random.Below(4); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Next();
            }

            FuzzFile.Put(_path, bytes);
            refused += Try(out _) ? 0 : 1;
        }

        Assert.InRange(refused, rounds / 2, rounds);
    }

    // What the loops and a review found or might have: each is refused in words, and fast.
    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"dtype":"F32"}}""", 4, "tensor 'a' has dtype twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}""", 4, "more than 2 numbers in data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "whole numbers below 2^63")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "more bytes than a file can have")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "within the 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}""", 4, "no JSON of a header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} {}""", 4, "no JSON of a header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "no JSON of a header")]
    [InlineData("""{"__metadata__":{"format":1},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "__metadata__ 'format' is Number, expected a text")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "__metadata__ is StartArray, expected an object of texts")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "no JSON of a header")]
    [InlineData("""{"a\nb":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "tensor 'a?b' has unknown dtype 'F8_E4M3', expected one of BOOL, U8")]
    [InlineData("""{"a":{"dtype":null,"shape":[1],"data_offsets":[0,1]}}""", 1, "the dtype of tensor 'a' is Null")]
    [InlineData("""{"a":null}""", 0, "tensor 'a' is Null, expected an object")]
    [InlineData("null", 0, "the header is Null, expected an object")]
    [InlineData("", 0, "no JSON of a header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}""", 8, "overlap")]
    public void Reader_NamesTheFault(string header, int data, string expected)
    {
        Write(header, data);
        Assert.False(Try(out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.StartsWith(_path, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_RefusesAHeaderThatIsNoText()
    {
        var bytes = new byte[8 + 6];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, 6);
        "{\"\xff\":1"u8[..6].CopyTo(bytes.AsSpan(8));
        bytes[10] = 0xff;
        FuzzFile.Put(_path, bytes);
        Assert.False(Try(out var error));
        Assert.Contains("no JSON of a header", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_TakesAMillionSizesForNoMoreThanTheyAre()
    {
        Write("""{"a":{"dtype":"F32","shape":[""" + string.Join(',', Enumerable.Repeat("1", 1_000_000)) + """],"data_offsets":[0,4]}}""", 4);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Try(out var error));
        Assert.Contains("more than 64 numbers in shape", error, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    [Fact]
    public void Reader_RefusesWhatHasNoBytes_WithoutOpeningIt()
    {
        File.WriteAllBytes(_path, []);
        Assert.False(Try(out var error));
        Assert.Contains("has no bytes; expected a safetensors file", error, StringComparison.Ordinal);

        // Opening a pipe that nobody writes to would wait forever.
        var pipe = _path + ".pipe";
        using (var made = System.Diagnostics.Process.Start("/usr/bin/mkfifo", [pipe]))
        {
            made.WaitForExit();
        }

        var link = _path + ".link";
        File.CreateSymbolicLink(link, pipe);
        try
        {
            Assert.Contains("has no bytes", Assert.Throws<TrainerException>(() => new SafetensorsReader(pipe)).Message, StringComparison.Ordinal);
            Assert.Contains("has no bytes", Assert.Throws<TrainerException>(() => new SafetensorsReader(link)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(link);
            File.Delete(pipe);
        }
    }

    [Fact]
    public void Reader_TakesEmptyTensors_WhereverTwoOthersMeet()
    {
        Write("""{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"e":{"dtype":"F64","shape":[9223372036854775807,0],"data_offsets":[-0,0]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"f":{"dtype":"I32","shape":[0],"data_offsets":[4,4]}}""", 8);
        Assert.True(Try(out var error), error);
    }

    [Fact]
    public void Reader_FollowsALink()
    {
        SafetensorsWriter.Write(_path, [SafetensorsTensor.Floats("a", [2], [1, 2])]);
        var link = _path + ".link";
        File.CreateSymbolicLink(link, _path);
        try
        {
            using var reader = new SafetensorsReader(link);
            Assert.Equal([1, 2], reader.Floats("a", 2));
        }
        finally
        {
            File.Delete(link);
        }
    }

    /// <summary>Opens the file and reads every tensor; a fault is one of the two kinds that there are, and costs no more than the file.</summary>
    bool Try(out string error)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var reader = new SafetensorsReader(_path);
            foreach (var entry in reader.Entries)
            {
                reader.Read(entry, new byte[entry.Bytes]);
            }

            error = "";
            return true;
        }
        catch (TrainerException found)
        {
            error = found.Message;
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300_000 + (64 * new FileInfo(_path).Length));
        }
    }

    void Write(string header, int data)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        FuzzFile.Put(_path, bytes);
    }

    /// <summary>A header of up to four tensors, mostly in order, with a fault here and there; and whether it is sound.</summary>
    static (string Header, int Data, bool Sound) Header(ref SplitMix64 random)
    {
        var (members, names, places, sound, at) = (new List<string>(), new HashSet<string>(), new List<(BigInteger Begin, BigInteger End)>(), true, BigInteger.Zero);
        for (var i = random.Below(4); i >= 0; i--)
        {
            var (type, name) = (random.Below(Types.Length), random.Below(12) == 0 ? "t0" : $"t{i}");
            var shape = new List<string>();
            for (var rank = random.Below(3); rank > 0; rank--)
            {
                shape.Add(random.Below(30) == 0 ? Numbers[random.Below(Numbers.Length)] : random.Below(4).ToString(CultureInfo.InvariantCulture));
            }

            var bytes = new BigInteger(Sizes[type]);
            foreach (var size in shape)
            {
                var value = Whole(size);
                sound &= value >= 0;
                bytes *= value ?? 1;
            }

            var (begin, end) = (at.ToString(CultureInfo.InvariantCulture), (at + bytes).ToString(CultureInfo.InvariantCulture));
            end = random.Below(30) == 0 ? Numbers[random.Below(Numbers.Length)] : end;
            begin = random.Below(30) == 0 ? Numbers[random.Below(Numbers.Length)] : begin;
            sound &= names.Add(name) && Whole(begin) >= 0 && Whole(end) - Whole(begin) == bytes;
            places.Add((Whole(begin) ?? 0, Whole(end) ?? 0));
            at += bytes;
            members.Add($$"""  "{{name}}":{"dtype":"{{Types[type]}}","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{begin}},{{end}}]}""");
        }

        var data = random.Below(20) == 0 ? random.Below(40) : (int)BigInteger.Min(BigInteger.Max(at, 0), 4096);
        return ($"{{{string.Join(',', members)}}}", data, sound && Covers(places, data));
    }

    /// <summary>A whole number that 64 bits hold, as JSON has it; -0 is 0.</summary>
    static BigInteger? Whole(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Whether every byte belongs to one tensor, and empty tensors lie between others, not within one.</summary>
    static bool Covers(List<(BigInteger Begin, BigInteger End)> places, int data)
    {
        var owners = new int[data];
        foreach (var (begin, end) in places)
        {
            if (end > data)
            {
                return false;
            }

            for (var i = (int)begin; i < (int)end; i++)
            {
                owners[i]++;
            }
        }

        return owners.All(n => n == 1) && places.All(p => p.Begin != p.End || places.All(other => p.Begin <= other.Begin || p.Begin >= other.End));
    }
}
