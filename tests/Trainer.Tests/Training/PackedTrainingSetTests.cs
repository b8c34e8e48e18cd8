using System.Text.Json.Nodes;
using DataPrep.Shards;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training;

namespace Trainer.Tests.Training;

/// <summary>A training set carried as plain files trains the same model as the one it was packed from.</summary>
[Collection(TorchCollection.Name)]
public sealed class PackedTrainingSetTests : IDisposable
{
    static readonly ShardSummary[] Shards = [new(0, 600)];

    readonly TrainFixture fixture;

    public PackedTrainingSetTests()
    {
        PythonTorch.RequireTorch();
        fixture = new TrainFixture(1);
    }

    [Fact]
    public void Train_GivesTheSameBytes_FromThePackedSet()
    {
        var packed = PackedTrainingSet.Read(Pack("packed"));
        using var observer = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("own"), TrainFixture.Options, observer, CancellationToken.None);
        var inputs = fixture.Inputs("carried") with
        {
            Rows = packed.Rows,
            Tokenizer = packed.Tokenizer,
            Dev = packed.Dev,
            Seed = packed.Manifest.Seed,
        };
        TrainLoop.Run(inputs, TrainFixture.Options, observer, CancellationToken.None);
        Assert.Equal(fixture.Bytes("own"), fixture.Bytes("carried"));
    }

    [Fact]
    public void Write_GivesEqualBytes_AndRefusesAFolderInUse()
    {
        var (a, b) = (Pack("a"), Pack("b"));
        foreach (var file in Directory.GetFiles(a, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(b, Path.GetRelativePath(a, file))));
        }

        Assert.Contains("already", Assert.Throws<TrainerException>(() => Pack("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NamesTheFile_WhenABitWasLost()
    {
        var folder = Pack("damaged");
        var path = Path.Combine(folder, "training-set.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("carry it again", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows.query", 100000)]
    [InlineData("passages.ids", -1)]
    [InlineData("passages.cluster", 100000)]
    [InlineData("rows.negatives", 100000)]
    public void Read_NamesTheTensor_WhenAnIndexPointsOutside(string name, int value)
    {
        var folder = Pack("hostile");
        Rewrite(folder, (tensor, data) => tensor == name ? [.. BitConverter.GetBytes(value), .. data.AsSpan(4)] : data);
        Assert.Contains($"'{name}' holds {value} at 0", Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NamesTheTensor_WhenStartsFall()
    {
        var folder = Pack("starts");
        Rewrite(folder, (tensor, data) => tensor == "queries.starts" ? [.. data.AsSpan(0, 8), .. BitConverter.GetBytes(-1L), .. data.AsSpan(16)] : data);
        Assert.Contains("'queries.starts' holds -1 at 1", Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format", "9", "format 9")]
    [InlineData("rows", "601", "expected I32 (601)")]
    [InlineData("vocabulary_size", "3", "expected 0 to 2")]
    [InlineData("colour", "1", "colour")]
    public void Read_NamesTheManifest_WhenItContradictsTheData(string key, string value, string told)
    {
        var folder = Pack("manifest-" + key);
        Edit(folder, json => json[key] = JsonNode.Parse(value));
        Assert.Contains(told, Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => fixture.Dispose();

    static void Edit(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, "training-set.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    static void Rewrite(string folder, Func<string, byte[], byte[]> change)
    {
        var path = Path.Combine(folder, "training-set.safetensors");
        List<SafetensorsTensor> tensors = [];
        using (var reader = new SafetensorsReader(path))
        {
            foreach (var entry in reader.Entries)
            {
                var data = new byte[entry.Bytes];
                reader.Read(entry, data);
                tensors.Add(new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, change(entry.Name, data)));
            }
        }

        SafetensorsWriter.Write(path, tensors);
        Edit(folder, json => json["sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
    }

    string Pack(string name)
    {
        var folder = fixture.Folder(name);
        PackedTrainingSetWriter.Write(folder, fixture.Set, Shards, fixture.Tokenizer, fixture.Dev, new PackedManifest
        {
            DataDigest = "synthetic",
            Seed = 5,
            VocabularySize = 405,
            QueryLength = 16,
            PassageLength = 64,
            QueryPrompt = "",
            PassagePrompt = "",
            SpecialTokens = false,
        });
        return folder;
    }
}
