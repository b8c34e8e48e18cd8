using System.Text;
using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class BatchSizeFileTests
{
    static readonly TuningKey Key = new("NVIDIA A800", "fa5d2e85", "bf16", "negatives 7");
    static readonly BucketSize[] Sizes = [new(512, 64), new(8192, 4)];

    readonly string path = Path.Combine(Directory.CreateTempSubdirectory("sizes-").FullName, "batch-sizes.json");
    readonly List<string> log = [];

    [Fact]
    public void Store_GivesEqualBytes_WhateverTheOrder()
    {
        BatchSizeFile.Store(path, Key, Sizes, log.Add);
        BatchSizeFile.Store(path, Key with { Device = "A" }, Sizes, log.Add);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        BatchSizeFile.Store(path, Key with { Device = "A" }, Sizes, log.Add);
        BatchSizeFile.Store(path, Key, [new(1, 1)], log.Add);
        BatchSizeFile.Store(path, Key, Sizes, log.Add);
        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal(Sizes, BatchSizeFile.Find(path, Key, [512, 8192], log.Add));
        Assert.Empty(log);
        Assert.Equal(["batch-sizes.json"], Directory.GetFileSystemEntries(Path.GetDirectoryName(path)!).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("", "no bytes")]
    [InlineData("null", "null")]
    [InlineData("[]", "could not be converted")]
    [InlineData("""{"format":2,"entries":[]}""", "format 2")]
    [InlineData("""{"format":1,"entries":[null]}""", "entries[0]")]
    [InlineData("""{"format":1,"entries":[{"device":"a","model":"b","precision":"c","setup":"d","sizes":[]}]}""", "entries[0]")]
    [InlineData("""{"format":1,"entries":[{"device":"a","model":"b","precision":"c","setup":"d","sizes":[null]}]}""", "sizes[0]")]
    [InlineData("""{"format":1,"entries":[{"device":"a","model":"b","precision":"c","setup":"d","sizes":[{"max_length":5,"batch_size":0}]}]}""", "sizes[0]")]
    [InlineData("""{"format":1,"entries":[{"device":"a","model":"b","precision":"c","setup":"d","sizes":[{"max_length":5,"batch_size":1},{"max_length":5,"batch_size":1}]}]}""", "sizes[1]")]
    [InlineData("""{"format":1,"entries":[{"device":"a","model":"b","precision":"c","setup":"d","sizes":[{"max_length":5,"batch_size":99999999999}]}]}""", "batch_size")]
    [InlineData("""{"format":1,"entries":[{"device":null,"model":"b","precision":"c","setup":"d","sizes":[]}]}""", "device")]
    [InlineData("""{"format":1,"entries":[],"run":"rm"}""", "run")]
    public void Find_PassesOverAHostileFile_AndSaysWhy(string contents, string told)
    {
        File.WriteAllText(path, contents);
        Assert.Null(BatchSizeFile.Find(path, Key, [512, 8192], log.Add));
        var line = Assert.Single(log);
        Assert.Contains(path, line, StringComparison.Ordinal);
        Assert.Contains(told, line, StringComparison.Ordinal);
        BatchSizeFile.Store(path, Key, Sizes, log.Add);
        Assert.Equal(Sizes, BatchSizeFile.Find(path, Key, [512, 8192], log.Add));
    }

    [Fact]
    public void Find_PassesOverAFileThatIsTooLarge()
    {
        File.WriteAllText(path, new string(' ', 2 << 20) + """{"format":1,"entries":[]}""");
        Assert.Null(BatchSizeFile.Find(path, Key, [512], log.Add));
        Assert.Contains("bytes", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public void Find_NeverThrows_WhateverTheBytes()
    {
        BatchSizeFile.Store(path, Key, Sizes, log.Add);
        BatchSizeFile.Store(path, Key with { Device = "é\u0001\"" }, Sizes, log.Add);
        var valid = File.ReadAllBytes(path);
        var random = new SplitMix64(31);
        var rounds = FuzzRounds.Count / 2;
        var found = 0;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = round % 8 == 7 ? Enumerable.Range(0, random.Below(200)).Select(_ => (byte)random.Below(256)).ToArray() : valid.ToArray();
            for (var change = random.Below(6); change > 0 && bytes.Length > 0; change--)
            {
                var at = random.Below(bytes.Length);
                bytes = random.Below(4) switch
                {
                    0 => [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + random.Below(bytes.Length - at))],
                    1 => [.. bytes.AsSpan(0, at), .. Encoding.UTF8.GetBytes("{[\"0,-:]}"[random.Below(9)].ToString()), .. bytes.AsSpan(at)],
                    2 => [.. bytes.AsSpan(0, at), .. bytes.AsSpan(random.Below(bytes.Length))],
                    _ => [.. bytes.AsSpan(0, at), (byte)random.Below(256), .. bytes.AsSpan(at + 1)],
                };
            }

            FuzzFile.Put(path, bytes);
            var sizes = BatchSizeFile.Find(path, Key, [512, 8192], _ => { });
            Assert.True(sizes is null || (sizes.Count == 2 && sizes.All(s => s.BatchSize is >= 1 and <= 65536)));
            found += sizes is null ? 0 : 1;
        }

        Assert.InRange(found, 1, rounds);
    }
}
