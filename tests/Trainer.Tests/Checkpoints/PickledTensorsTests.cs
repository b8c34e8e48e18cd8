using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Trainer.Checkpoints;
using Trainer.Heads;
using Trainer.Tests.Torch;
using Trainer.Training;

namespace Trainer.Tests.Checkpoints;

/// <summary>Files of torch.save, read without Python and written for it, against python3-torch; and files that are not what they say.</summary>
[Collection(TorchCollection.Name)]
public sealed class PickledTensorsTests
{
    [Fact]
    public void Floats_AreThoseThatPyTorchSaved_AndOtherFilesAreRefusedByName()
    {
        using var python = new PythonTorch();
        python.Run(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "state_dicts.py"), "make");
        (string File, string[] Names, SafetensorsType Type)[] files =
        [
            ("module", ["weight", "bias"], SafetensorsType.F32), ("half", ["weight", "bias"], SafetensorsType.F16), ("bfloat16", ["weight", "bias"], SafetensorsType.BF16),
            ("plain", ["weight", "scalar", "empty", "one"], SafetensorsType.F32), ("strides", ["turned", "part", "step", "column", "first", "last"], SafetensorsType.F32),
            ("parameter", ["weight"], SafetensorsType.F32), ("nested_names", ["0.weight", "0.bias", "1.weight", "1.bias"], SafetensorsType.F32),
        ];
        foreach (var (file, names, type) in files)
        {
            using var tensors = new PickledTensors(Path.Combine(python.Folder, file + ".pt"));
            Assert.Equal(names.Order(), tensors.Entries.Keys.Order());
            foreach (var name in names)
            {
                Assert.Equal(type, tensors.Entries[name].Type);
                Assert.Equal(python.Read<float>($"{file}.{name}"), tensors.Floats(name));
            }
        }

        using (var strided = new PickledTensors(Path.Combine(python.Folder, "strides.pt")))
        {
            Assert.Equal([8L, 6L], strided.Entries["turned"].Shape);
        }

        (string File, string Said)[] refused =
        [
            ("whole_module", "torch.nn.modules.linear.Linear"), ("bare_tensor", "no state dict"), ("list", "instruction 0x5d"), ("long", "torch.LongStorage"),
            ("nested", "'state' is a dict"), ("expanded", "does not lie within"), ("legacy", "before 1.6"), ("protocol4", "protocol 4"), ("evil", "eval"), ("script", "compressed"),
        ];
        foreach (var (file, said) in refused)
        {
            var path = Path.Combine(python.Folder, file + ".pt");
            var message = Assert.Throws<TrainerException>(() => new PickledTensors(path)).Message;
            Assert.StartsWith(path, message, StringComparison.Ordinal);
            Assert.Contains(said, message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Path.Combine(python.Folder, "ran")));
    }

    [Fact]
    public void Write_MakesFilesThatPyTorchLoads_AndTheSameBytesEachTime()
    {
        using var python = new PythonTorch();
        using var heads = new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = true, Sparse = SparseHead.Create(48, [], 3), MultiVector = MultiVectorHead.Create(48, 20, 4) };

        HeadFiles.WritePickled(python.Folder, heads);
        python.Run(Path.Combine(AppContext.BaseDirectory, "Checkpoints", "state_dicts.py"), "load", "sparse_linear", "colbert_linear");

        foreach (var (name, value) in heads.Parameters)
        {
            Assert.Equal(value.data<float>().ToArray(), python.Read<float>($"{name}.loaded"));
        }

        using var back = HeadFiles.Load(FileSet.FromFolder(python.Folder), 48, PoolingMode.Cls, true, []);
        Assert.Equal(heads.Parameters.Select(p => p.Name), back.Parameters.Select(p => p.Name));
        Assert.All(heads.Parameters.Zip(back.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
        var first = File.ReadAllBytes(Path.Combine(python.Folder, "sparse_linear.pt"));
        HeadFiles.WritePickled(python.Folder, back);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(python.Folder, "sparse_linear.pt")));

        // safetensors go before, and hold the same.
        HeadFiles.Write(python.Folder, back);
        File.WriteAllBytes(Path.Combine(python.Folder, "sparse_linear.pt"), [1, 2, 3]);
        using var again = HeadFiles.Load(FileSet.FromFolder(python.Folder), 48, PoolingMode.Cls, true, []);
        Assert.All(heads.Parameters.Zip(again.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
        Assert.Contains("expected (1, 47)", Assert.Throws<TrainerException>(() => SparseHead.Load(FileSet.FromFolder(python.Folder), 47, [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.pkl", "ccollections\nOrderedDict\n)R.", "")]
    [InlineData("data.pkl", "cos\nsystem\n(X\u0002\0\0\0lstR.", "'os.system'")]
    [InlineData("data.pkl", "ccollections\nOrderedDict\n)R(X\u0001\0\0\0aNu.", "'a' is None")]
    [InlineData("data.pkl", "}(K\u0001Nu.", "the key 1")]
    [InlineData("data.pkl", "}(X\u0001\0\0\0aNX\u0001\0\0\0aNu.", "'a' occurs twice")]
    [InlineData("data.pkl", "}(X\u0001\0\0\0au.", "without a value")]
    [InlineData("data.pkl", "h\u0005.", "entry 5")]
    [InlineData("data.pkl", "t.", "a mark is missing")]
    [InlineData("data.pkl", "(K\u0001(R.", "a value is missing")]
    [InlineData("data.pkl", "R.", "a value is missing")]
    [InlineData("data.pkl", "cposix", "a name does not end")]
    [InlineData("data.pkl", "X\u00ff\u00ff\u00ff\u007fabc.", "ends early")]
    [InlineData("data.pkl", "}", "ends early")]
    [InlineData("data.pkl", "\u0080\u0004}.", "protocol 4")]
    [InlineData("data.pkl", "NK\u0001b.", "sets the state")]
    [InlineData("data.pkl", "(NNNNNtQ.", "no storage")]
    [InlineData("data.pkl", "ccollections\nOrderedDict\nK\u0001\u0085R.", "in a way that torch.save does not")]
    [InlineData("other", "}.", "no member NAME/data.pkl")]
    public void Reader_SaysWhatIsWrong_WhenAProgramIsAnother(string member, string program, string expected)
    {
        using var file = new TempFile();
        file.Zip(("x/" + member, Encoding.Latin1.GetBytes(program)));

        if (expected.Length == 0)
        {
            using var sound = new PickledTensors(file.Path);
            Assert.Empty(sound.Entries);
            return;
        }

        var message = Assert.Throws<TrainerException>(() => new PickledTensors(file.Path)).Message;
        Assert.StartsWith(file.Path, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 0, 6, 3, 1, "")]
    [InlineData(6, 1, 6, 3, 1, "does not lie within the 6 elements")]
    [InlineData(6, -1, 6, 3, 1, "does not lie within")]
    [InlineData(6, 0, 6, 4, 1, "does not lie within")]
    [InlineData(6, 0, 6, 0, 0, "")]
    [InlineData(6, 0, 6, -3, 1, "does not lie within")]
    [InlineData(6, 0, 6, int.MaxValue, int.MaxValue, "does not lie within")]
    [InlineData(7, 0, 6, 3, 1, "expected 7 elements of F32")]
    [InlineData(int.MaxValue, 0, 6, 3, 1, "expected 2147483647 elements of F32")]
    public void Reader_ChecksPlacesBeforeItReads(int count, int offset, int stored, int stride, int step, string expected)
    {
        using var file = new TempFile();
        file.Zip(("x/data.pkl", Tensor(count, offset, stride, step)), ("x/data/0", new byte[stored * sizeof(float)]));

        if (expected.Length == 0)
        {
            using var tensors = new PickledTensors(file.Path);
            Assert.Equal(6, tensors.Floats("w").Length);
            return;
        }

        Assert.Contains(expected, Assert.Throws<TrainerException>(() => new PickledTensors(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_NeverFailsOtherwise_WhenFilesOrProgramsAreDamaged()
    {
        using var file = new TempFile();
        var program = Tensor(6, 0, 3, 1);
        file.Zip(("x/data.pkl", program), ("x/data/0", new byte[24]), ("x/version", "3\n"u8.ToArray()));
        var whole = File.ReadAllBytes(file.Path);
        var random = new SplitMix64(11);
        var (refused, rounds) = (0, FuzzRounds.Count);
        for (var round = 0; round < rounds; round++)
        {
            if (round % 4 == 0)
            {
                file.Put(Damage(whole, ref random));
            }
            else
            {
                // A damaged program in a sound archive: its checksum is right, so that every instruction is reached.
                var damaged = round % 4 == 3 ? Noise(ref random) : Damage(program, ref random);
                file.Zip(("x/data.pkl", damaged), ("x/data/0", new byte[24]));
            }

            try
            {
                using var tensors = new PickledTensors(file.Path);
                foreach (var name in tensors.Entries.Keys)
                {
                    Assert.InRange(tensors.Floats(name).Length, 0, 12);
                }
            }
            catch (TrainerException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, rounds / 2, rounds);
    }

    static byte[] Damage(byte[] sound, ref SplitMix64 random)
    {
        var bytes = random.Below(3) == 0 ? sound[..random.Below(sound.Length)] : [.. sound];
        for (var i = random.Below(4); i >= 0 && bytes.Length > 0; i--)
        {
            bytes[random.Below(bytes.Length)] = (byte)random.Next();
        }

        return bytes;
    }

    // Instructions that are known, in any order.
    static byte[] Noise(ref SplitMix64 random)
    {
        var codes = "qrh(j)t}subNKMJXQR."u8.ToArray().Concat(new byte[] { 0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 2, 0, 1 }).ToArray();
        var bytes = new byte[random.Below(60)];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = codes[random.Below(codes.Length)];
        }

        return bytes;
    }

    // The program of a state dict with one tensor w of 2 x 3 floats.
    static byte[] Tensor(int count, int offset, int stride, int step)
    {
        using var bytes = new MemoryStream();
        Say("\u0080\u0002ccollections\nOrderedDict\n)R(X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0" + "0X\u0003\0\0\0cpu");
        Number(count);
        Say("tQ");
        Number(offset);
        Say("K\u0002K\u0003\u0086");
        Number(stride);
        Number(step);
        Say("\u0086\u0089ccollections\nOrderedDict\n)RtRu.");
        return bytes.ToArray();

        void Say(string text) => bytes.Write(Encoding.Latin1.GetBytes(text));

        void Number(int value)
        {
            var number = new byte[5];
            number[0] = (byte)'J';
            BinaryPrimitives.WriteInt32LittleEndian(number.AsSpan(1), value);
            bytes.Write(number);
        }
    }

    sealed class TempFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Zip(params (string Name, byte[] Data)[] members)
        {
            using var bytes = new MemoryStream();
            using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var (name, data) in members)
                {
                    using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                    entry.Write(data);
                }
            }

            Put(bytes.ToArray());
        }

        // In place: some file systems write a file to disk at once when it is emptied first.
        public void Put(byte[] bytes)
        {
            using var stream = new FileStream(Path, FileMode.OpenOrCreate);
            stream.Write(bytes);
            stream.SetLength(bytes.Length);
        }

        public void Dispose() => File.Delete(Path);
    }
}
