using System.Security.Cryptography;
using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Tests.Checkpoints;

[Collection(TorchCollection.Name)]
public sealed class CheckpointFuzzTests : IDisposable
{
    const string Letters = "0123456789abcxyz{}[]\",:.-\0\u00ff";

    readonly string _root = Directory.CreateTempSubdirectory("checkpoint-fuzz-").FullName;

    public CheckpointFuzzTests()
    {
        PythonTorch.RequireTorch();
        set_num_threads(1);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Files that were changed and listed with the digest of the change: either taken whole, or passed over with everything left as it was.</summary>
    [Fact]
    public void Restore_TakesAllOrNothing_WhateverTheFilesSay()
    {
        using var training = new SmallTraining();
        training.Step();
        training.Write(_root);
        var folder = Checkpoint.Find(_root)[0];
        var originals = folder.Paths.Where(f => f.Key != DurableFolder.DigestFile).OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (Name: f.Key, Path: f.Value, Bytes: File.ReadAllBytes(f.Value))).ToList();
        var digests = originals.ToDictionary(o => o.Name, o => Convert.ToHexStringLower(SHA256.HashData(o.Bytes)), StringComparer.Ordinal);
        var random = new SplitMix64(77);
        using var resumed = new SmallTraining();
        var (before, generator) = (resumed.Bits(), Generator());
        int taken = 0, passed = 0;
        for (var round = 0; round < Math.Max(400, FuzzRounds.Count / 25); round++)
        {
            var (name, path, bytes) = originals[random.Below(originals.Count)];
            var changed = Change(bytes, random);
            FuzzFile.Put(path, changed);
            FuzzFile.Put(folder[DurableFolder.DigestFile], JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(digests) { [name] = Convert.ToHexStringLower(SHA256.HashData(changed)) }));
            if (Checkpoint.Restore([folder], SmallTraining.Fingerprint, _ => resumed.Contents, _ => { }) is null)
            {
                passed++;
                Assert.Equal(before, resumed.Bits());
                Assert.Equal(generator, Generator());
            }
            else
            {
                taken++;
                (before, generator) = (resumed.Bits(), Generator());
            }

            FuzzFile.Put(path, bytes);
        }

        Assert.True(taken > 20 && passed > 100, $"{taken} taken, {passed} passed over");
    }

    static string Generator() => Convert.ToHexString(get_rng_state().bytes);

    static byte[] Change(byte[] bytes, SplitMix64 random)
    {
        var changed = bytes.ToArray();
        if (changed.Length == 0 || random.Below(4) == 0)
        {
            return changed[..random.Below(changed.Length + 1)];
        }

        for (var k = random.Below(3); k >= 0; k--)
        {
            // Most of a file's meaning lies at its beginning.
            changed[random.Below(random.Below(2) == 0 ? Math.Min(600, changed.Length) : changed.Length)] = (byte)Letters[random.Below(Letters.Length)];
        }

        return changed;
    }
}
