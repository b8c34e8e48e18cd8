using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using DataPrep.Text;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text;

/// <summary>Damaged files of tokenizers are refused with a message, or read: never another exception, never memory out of proportion.</summary>
public sealed class TokenizerFuzzTests : IDisposable
{
    const string Sample = "Hello, \u00ddworld \uff21\ufb01\u0301 \u3000\ud55c\uae00 [MASK]<mask> aab\u00e9 a-b\r\n\U0001F600";

    // Tables of a tokenizer have a fixed size of a few MB; a damaged file of a few KB may not ask for much more.
    const long MostAllocated = 48 << 20;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tokenizer-fuzz-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void SentencePieceModels_AreReadOrRefused_WhateverTheirBytes() => Try(
        31,
        SmallModel(),
        bytes => new UnigramTokenizer(new SentencePieceReader("x.model").Model(bytes)));

    [Fact]
    public void Charsmaps_AreReadOrRefused_WhateverTheirBytes() => Try(
        32,
        SmallCharsmap(),
        bytes =>
        {
            var map = new CharsMap(bytes, "x.charsmap");
            foreach (var text in new[] { "a", "ab", "abc", "\u00e9", "b", "\uff21", Sample })
            {
                Assert.True(!map.TryFind(Encoding.UTF8.GetBytes(text), out var replacement) || replacement.Length <= 512);
            }

            return null;
        });

    [Fact]
    public void WordPieceVocabularies_AreReadOrRefused_WhateverTheirBytes() => Try(
        33,
        Encoding.UTF8.GetBytes(string.Join('\n', [.. WordPieceModel.SpecialTokens, "a", "##b", "##a", "h", "##ello", "\u4e2d", ",", "world"]) + "\n"),
        bytes => WordPieceFiles.Load(Written("vocab.txt", bytes)));

    [Fact]
    public void WordPieceJson_IsReadOrRefused_WhateverItSays()
    {
        string[] pieces = [.. WordPieceModel.SpecialTokens, "a", "##b", "h", "##ello", "\u4e2d"];
        WordPieceFiles.Save(new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings { SplitIdentifiers = true })), folder.FullName);
        TryJson(34, File.ReadAllBytes(Path.Combine(folder.FullName, "tokenizer.json")), WordPieceFiles.Load);
    }

    [Fact]
    public void UnigramJson_IsReadOrRefused_WhateverItSays()
    {
        UnigramFiles.Save(UnigramTrainer.Train(["hello world aab", "hello a b"], new UnigramTrainerOptions { VocabularySize = 30 }), folder.FullName);
        var root = JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "tokenizer.json")))!;
        var steps = root["normalizer"]!["normalizers"]!.AsArray();
        steps.Add(new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(SmallCharsmap()) });
        steps.Add(JsonNode.Parse("""{"type":"Replace","pattern":{"String":"ll"},"content":"l"}"""));
        steps.Add(JsonNode.Parse("""{"type":"Prepend","prepend":"a"}"""));
        steps.Add(new JsonObject { ["type"] = "Lowercase" });
        TryJson(35, Encoding.UTF8.GetBytes(root.ToJsonString()), UnigramFiles.Load);
    }

    // Nine of ten change values, the others bytes.
    void TryJson(int seed, byte[] valid, Func<string, ITokenizer> load)
    {
        var root = JsonNode.Parse(valid)!;
        var mutations = new Mutations(seed);
        Try(_ => mutations.Next(10) == 0 ? mutations.Of(valid) : Encoding.UTF8.GetBytes(mutations.Of(root).ToJsonString()), bytes => load(Written("tokenizer.json", bytes)));
    }

    static void Try(int seed, byte[] valid, Func<byte[], ITokenizer?> load)
    {
        var mutations = new Mutations(seed);
        load(valid);
        Try(_ => mutations.Of(valid), load);
    }

    static void Try(Func<int, byte[]> make, Func<byte[], ITokenizer?> load)
    {
        var (loaded, refused) = (0, 0);
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var bytes = make(round);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (load(bytes) is { } tokenizer)
                {
                    Assert.All(tokenizer.Encode(Sample), id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                }

                loaded++;
            }
            catch (DataPrepException refusal)
            {
                Assert.Contains("Expected", refusal.Message);
                refused++;
            }
            catch (Exception fault) when (fault is not Xunit.Sdk.IAssertionException)
            {
                Assert.Fail($"round {round}: {fault}\n{Convert.ToBase64String(bytes)}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostAllocated, $"round {round} allocated {GC.GetAllocatedBytesForCurrentThread() - before} bytes\n{Convert.ToBase64String(bytes)}");
        }

        Assert.True(loaded > FuzzRounds.Count / 100 && refused > FuzzRounds.Count / 100, $"{loaded} loaded, {refused} refused");
    }

    string Written(string name, byte[] bytes)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    // A double-array trie whose every node has a block of 256 units to itself.
    static byte[] SmallCharsmap()
    {
        (string Key, string To)[] keys = [("a", "b"), ("\u00e9", "e"), ("bc", "xyz"), ("\uff21", "A"), ("\t", " ")];
        var replacements = new List<byte>();
        var units = new List<uint>();
        uint NewBlock()
        {
            units.AddRange(new uint[256]);
            return (uint)units.Count - 256;
        }

        NewBlock();
        var children = new Dictionary<string, uint> { [""] = NewBlock() };
        units[0] = Offset(0, children[""]);
        foreach (var (key, to) in keys)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            var at = 0u;
            for (var i = 0; i < bytes.Length; i++)
            {
                var (before, path) = (Convert.ToHexString(bytes[..i]), Convert.ToHexString(bytes[..(i + 1)]));
                at = children[before] ^ bytes[i];
                if (!children.ContainsKey(path))
                {
                    children[path] = NewBlock();
                    units[(int)at] = Offset(at, children[path]) | bytes[i];
                }
            }

            units[(int)at] |= 0x100;
            units[(int)children[Convert.ToHexString(bytes)]] = (uint)replacements.Count | 0x80000000;
            replacements.AddRange(Encoding.UTF8.GetBytes(to));
            replacements.Add(0);
        }

        var map = new byte[4 + (4 * units.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(map, 4 * units.Count);
        for (var i = 0; i < units.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (4 * i)), units[i]);
        }

        return [.. map, .. replacements];
    }

    static uint Offset(uint from, uint to) => (from ^ to) << 10;

    static byte[] SmallModel()
    {
        var pieces = new (string Text, float Score)[] { ("<unk>", 0), ("<s>", 0), ("</s>", 0), ("\u2581", -2), ("a", -2.5f), ("b", -3), ("\u2581a", -3.5f), ("ab", -4), ("e", -5) };
        return
        [
            .. pieces.SelectMany(piece => Field(1, [.. Field(1, Encoding.UTF8.GetBytes(piece.Text)), 0x15, .. BitConverter.GetBytes(piece.Score)])),
            .. Field(2, [0x18, 1]),
            .. Field(3, [.. Field(2, SmallCharsmap()), 0x18, 1]),
        ];
    }

    static byte[] Field(int number, byte[] bytes) =>
        bytes.Length < 128 ? [(byte)((number << 3) | 2), (byte)bytes.Length, .. bytes] : [(byte)((number << 3) | 2), (byte)(bytes.Length | 0x80), (byte)((bytes.Length >> 7) | 0x80), (byte)(bytes.Length >> 14), .. bytes];
}
