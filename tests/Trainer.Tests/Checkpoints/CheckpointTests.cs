using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training.Optimization;
using static TorchSharp.torch;

namespace Trainer.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class CheckpointTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("checkpoint-").FullName;
    readonly List<string> _lines = [];

    public CheckpointTests()
    {
        PythonTorch.RequireTorch();
        set_num_threads(1);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Restore_CarriesOn_BitForBit_WithGroupsFrozenPartsAndAverages()
    {
        using var whole = new SmallTraining();
        var states = new List<string>();
        int[] stops = [1, 5, 7, 11];
        for (var step = 1; step <= 12; step++)
        {
            whole.Step();
            states.Add(whole.Bits());
            if (stops.Contains(step))
            {
                whole.Write(Path.Combine(_root, $"{step}"));
            }
        }

        foreach (var stopped in stops)
        {
            // A process that has drawn otherwise before.
            using var resumed = new SmallTraining();
            random.manual_seed(99);
            Assert.True(resumed.Resume(Path.Combine(_root, $"{stopped}"), _lines));
            Assert.Equal(states[stopped - 1], resumed.Bits());
            for (var step = stopped; step < 12; step++)
            {
                resumed.Step();
                Assert.Equal(states[step], resumed.Bits());
            }
        }

        Assert.Equal(4, whole.Average.Updates);
    }

    [Fact]
    public void Restore_PutsMomentsToTheirNames_WhateverTheGroups()
    {
        using var first = new SmallTraining();
        first.Step();
        first.Step();
        first.Write(_root);

        // The same trained parameters, in another order of the optimizer.
        using var other = new SmallTraining(new OptimizationOptions { Parts = [new() { Match = "layer.bias", Multiplier = 0.5 }], Freeze = ["embeddings"], DecayBiasesAndNorms = true });
        Assert.True(other.Resume(_root, _lines));
        Assert.NotEqual(first.Contents.Moments().Select(m => m.Name), other.Contents.Moments().Select(m => m.Name));
        Assert.Equal(
            first.Contents.Moments().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => Convert.ToHexString(m.State.exp_avg_sq.bytes)),
            other.Contents.Moments().OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => Convert.ToHexString(m.State.exp_avg_sq.bytes)));

        // What was frozen has no state to go on with.
        using var thawed = new SmallTraining(new OptimizationOptions());
        Assert.False(thawed.Resume(_root, _lines));
        Assert.Contains("no tensor 'm/embeddings.weight'", _lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cut", "does not have the digest")]
    [InlineData("flipped", "does not have the digest")]
    [InlineData("gone", "optimizer.safetensors is missing")]
    [InlineData("wrong digest", "does not have the digest")]
    [InlineData("empty list", "lists no file")]
    [InlineData("format 1", "it has format 1, this version reads format 2")]
    [InlineData("other training", "other options, data, seed or initial model")]
    [InlineData("other shape", "expected F32 (8, 3)")]
    [InlineData("no state of a part", "holds no state of 'seen'")]
    [InlineData("state of a part that does not fit", "the state of 'ema' does not fit")]
    [InlineData("state is no JSON", "state.json is not readable")]
    public void Restore_TakesTheOneBefore_WhenTheNewestIsUnsound(string damage, string expected)
    {
        using var training = new SmallTraining();
        training.Step();
        training.Write(_root);
        var sound = training.Bits();
        training.Step();
        training.Write(_root);
        Damage(Path.Combine(_root, "checkpoint-00000002"), damage);

        using var resumed = new SmallTraining();
        Assert.True(resumed.Resume(_root, _lines));
        Assert.Equal(sound, resumed.Bits());
        Assert.Contains("checkpoint-00000002: ", _lines[0], StringComparison.Ordinal);
        Assert.Contains(expected, _lines[0], StringComparison.Ordinal);
        Assert.Contains("Resumed from the checkpoint of step 1", _lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_ChangesNothing_WhenAPartRefuses()
    {
        using var training = new SmallTraining();
        training.Step();
        training.Write(_root);

        using var resumed = new SmallTraining();
        resumed.Seen.Refuses = true;
        var before = resumed.Bits();
        Assert.False(resumed.Resume(_root, _lines));
        Assert.Equal(before, resumed.Bits());
        Assert.Contains("the state of 'seen' does not fit: counted otherwise", _lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RefusesAPartTwice()
    {
        using var training = new SmallTraining();
        var contents = training.Contents with { Parts = [training.Seen, new SmallTraining.Counter()] };
        Assert.Throws<ArgumentException>(() => Checkpoint.Write(Path.Combine(_root, "c"), training.State, contents, training.Log));
    }

    static void Damage(string folder, string damage)
    {
        var optimizer = Path.Combine(folder, "optimizer.safetensors");
        var state = Path.Combine(folder, "state.json");
        var list = Path.Combine(folder, DurableFolder.DigestFile);
        switch (damage)
        {
            case "cut":
                using (var file = File.OpenWrite(optimizer))
                {
                    file.SetLength(file.Length - 1);
                }

                break;
            case "flipped":
                var bytes = File.ReadAllBytes(optimizer);
                bytes[^5] ^= 1;
                File.WriteAllBytes(optimizer, bytes);
                break;
            case "gone": File.Delete(optimizer); break;
            case "wrong digest": Replace(list, "\"weights.safetensors\":\"", "\"weights.safetensors\":\"0"); break;
            case "empty list": File.WriteAllText(list, "{}"); break;
            case "format 1": Replace(state, "\"format\": 2", "\"format\": 1"); break;
            case "other training": Replace(state, "\"fingerprint\": \"f\"", "\"fingerprint\": \"g\""); break;
            case "other shape": Replace(Path.Combine(folder, "weights.safetensors"), "[8,3]", "[3,8]"); break;
            case "no state of a part": Replace(state, "\"seen\"", "\"sean\""); break;
            case "state of a part that does not fit": Replace(state, "\"updates\"", "\"up_dates\""); break;
            default: File.WriteAllText(state, File.ReadAllText(state)[..^20]); break;
        }

        // What was not damaged on the way to the disk has the digest it was written with.
        if (damage is "format 1" or "other training" or "other shape" or "no state of a part" or "state of a part that does not fit" or "state is no JSON")
        {
            File.WriteAllText(list, JsonSerializer.Serialize(Directory.GetFiles(folder).Where(f => f != list).ToDictionary(f => Path.GetFileName(f), f => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))))));
        }
    }

    static void Replace(string path, string old, string fresh)
    {
        var text = File.ReadAllText(path, System.Text.Encoding.Latin1);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, fresh, StringComparison.Ordinal), System.Text.Encoding.Latin1);
    }
}
