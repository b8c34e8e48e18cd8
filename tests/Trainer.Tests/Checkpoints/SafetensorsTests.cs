using System.Buffers.Binary;
using System.Text;
using Trainer.Checkpoints;

namespace Trainer.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Write_GivesTheSameBytes_WhateverTheOrderGiven()
    {
        var a = SafetensorsTensor.Floats("a", [2, 3], [1, 2, 3, 4, 5, float.NegativeInfinity]);
        var b = SafetensorsTensor.Floats("b", [1], [0.5f]);
        var flags = new SafetensorsTensor("0", SafetensorsType.BOOL, [3], new byte[] { 1, 0, 1 });
        SafetensorsWriter.Write(_path, [flags, b, a], new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });
        var first = File.ReadAllBytes(_path);
        SafetensorsWriter.Write(_path, [a, b, flags], new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        Assert.Equal(first, File.ReadAllBytes(_path));

        using var reader = new SafetensorsReader(_path);
        Assert.Equal(["a", "b", "0"], reader.Entries.Select(e => e.Name));
        Assert.Equal([1, 2, 3, 4, 5, float.NegativeInfinity], reader.Floats("a", 2, 3));
        Assert.Equal("2", reader.Metadata["y"]);
        var header = BinaryPrimitives.ReadInt64LittleEndian(first);
        Assert.Equal(0, header % 8);
        Assert.Equal(
            """{"__metadata__":{"x":"1","y":"2"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[1],"data_offsets":[24,28]},"0":{"dtype":"BOOL","shape":[3],"data_offsets":[28,31]}}""",
            Encoding.UTF8.GetString(first, 8, (int)header).TrimEnd());
    }

    [Fact]
    public void Reader_ReadsAModelThatAnotherToolWrote()
    {
        using var reader = new SafetensorsReader(Fixture.Shared("golden/bert-mini/model.safetensors"));
        var weights = reader.Floats("embeddings.LayerNorm.weight", 64);
        Assert.Equal(1, weights.Average(), 0.1);
        Assert.Equal([3000L, 64L], reader.Entries.Single(e => e.Name == "embeddings.word_embeddings.weight").Shape);
        Assert.Contains("expected F32 (65)", Assert.Throws<TrainerException>(() => reader.Floats("embeddings.LayerNorm.weight", 65)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}""", 12, "its shape asks for 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "within the 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "belong to none")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "hole")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", 8, "unknown dtype 'Q4'")]
    [InlineData("""{"a":{"dtype":"4","shape":[1],"data_offsets":[0,8]}}""", 8, "unknown dtype '4'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "negative size")]
    [InlineData("""{"a":{"dtype":"F64","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0, "not a sound")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "not a sound")]
    [InlineData("""{"a":[]}""", 0, "not a sound")]
    [InlineData("""[]""", 0, "not a sound")]
    [InlineData("""{"a":""", 0, "not a sound")]
    [InlineData("""{"a":[[[[[[[[[[[[1]]]]]]]]]]]]}""", 0, "not a sound")]
    public void Reader_SaysWhatIsWrong_WhenAHeaderLies(string header, int data, string expected)
    {
        var bytes = new byte[8 + header.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, header.Length);
        Encoding.UTF8.GetBytes(header, bytes.AsSpan(8));
        File.WriteAllBytes(_path, bytes);
        Assert.Contains(expected, Assert.Throws<TrainerException>(() => new SafetensorsReader(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(9UL)]
    public void Reader_RefusesAHeaderLength_BeyondTheFile(ulong length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(_path, bytes);
        Assert.Contains("header claims", Assert.Throws<TrainerException>(() => new SafetensorsReader(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_NeverFailsOtherwise_WhenBytesOfAFileAreDamaged()
    {
        SafetensorsWriter.Write(_path, [SafetensorsTensor.Floats("a", [4], [1, 2, 3, 4]), SafetensorsTensor.Floats("b", [2, 2], [1, 2, 3, 4])]);
        var sound = File.ReadAllBytes(_path);
        var random = new global::Trainer.Training.SplitMix64(3);
        var refused = 0;
        for (var round = 0; round < 500; round++)
        {
            var bytes = sound[..(round % 2 == 0 ? sound.Length : random.Below(sound.Length))];
            for (var i = 0; i < 3 && bytes.Length > 0; i++)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Next();
            }

            File.WriteAllBytes(_path, bytes);
            try
            {
                using var reader = new SafetensorsReader(_path);
                foreach (var entry in reader.Entries)
                {
                    reader.Read(entry, new byte[entry.Bytes]);
                }
            }
            catch (TrainerException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 250, 500);
    }
}
