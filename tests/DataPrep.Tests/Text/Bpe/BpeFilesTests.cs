using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Text;
using DataPrep.Text.Bpe;

namespace DataPrep.Tests.Text.Bpe;

public sealed class BpeFilesTests
{
    static readonly string[] Texts = ["the thing in the other bin: 12 things, don't they?", "the th\u00e9 of \u4e2d\u6587 and \U0001F600"];

    static BpeTokenizer Small() => BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 290, MinFrequency = 1, Settings = new BpeSettings { AddPrefixSpace = false } });

    static string Fault(Action<JsonNode> change)
    {
        using var files = new SavedBpe(Small(), change);
        var message = Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(files.Path)).Message;
        Assert.Contains(files.Json, message);
        Assert.Contains("Expected", message);
        return message;
    }

    [Theory]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0}}""", "no BPE tokenizer")]
    [InlineData("model", """{"type":"BPE","vocab":[],"merges":[]}""", "no BPE tokenizer")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}""", "each once")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""", "negative")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":2000000000},"merges":[]}""", "2000000000")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":9999999999},"merges":[]}""", "no BPE tokenizer")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0.5},"merges":[]}""", "no BPE tokenizer")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}""", "needs the piece \"ab\"")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"ab":1},"merges":["a b"]}""", "needs the piece \"b\"")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a"]}""", "two pieces")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":["a  a"]}""", "two pieces")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}""", "Expected two")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[["a",null]]}""", "null")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[7]}""", "no BPE tokenizer")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0,"aa":1},"merges":["a a"],"continuing_subword_prefix":"##"}""", "continuing_subword_prefix")]
    [InlineData("model", """{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.5}""", "dropout is 0.5")]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""", "type BertNormalizer")]
    [InlineData("pre_tokenizer", """{"type":"BertPreTokenizer"}""", "type BertPreTokenizer")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated","invert":false}""", "cannot be read")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[[:alpha:]]"},"behavior":"Isolated","invert":false}""", "\"[[:\"")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a++"},"behavior":"Isolated","invert":false}""", "cannot be read")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Han}"},"behavior":"Isolated","invert":false}""", "cannot be read")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}""", "empty string")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":"a"},"behavior":"7","invert":false}""", "behavior \"7\"")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}""", "after ByteLevel")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"","add_prefix_space":true}""", "one character")]
    [InlineData("pre_tokenizer", "[]", "no BPE tokenizer")]
    [InlineData("added_tokens", """[{"id":5,"content":"zz"}]""", "Expected 290")]
    [InlineData("added_tokens", """[{"id":290,"content":"zz"},{"id":291,"content":"zz"}]""", "stands twice")]
    [InlineData("added_tokens", """[{"id":1000000,"content":"zz"}]""", "the id 1000000")]
    [InlineData("added_tokens", """{}""", "no BPE tokenizer")]
    [InlineData("post_processor", """{"type":"RobertaProcessing","cls":["<s>",0],"sep":["</s>",99999]}""", "99999")]
    [InlineData("post_processor", """{"type":"RobertaProcessing","cls":["<s>",0],"sep":["</s>"]}""", "no BPE tokenizer")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"B"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}""", "more than two texts")]
    [InlineData("padding", """{"pad_id":7000}""", "pad_id is 7000")]
    [InlineData("truncation", """{"max_length":-4}""", "max_length is -4")]
    public void Load_SaysWhatIsWrong_ForABrokenTokenizerJson(string part, string json, string expected) =>
        Assert.Contains(expected, Fault(root =>
        {
            // The special tokens would be missed first.
            root["added_tokens"] = part == "model" ? null : root["added_tokens"]!.DeepClone();
            root["post_processor"] = part == "model" ? null : root["post_processor"]!.DeepClone();
            root[part] = JsonNode.Parse(json);
        }));

    [Fact]
    public void Load_Refuses_WhatWouldGrowWithoutBound()
    {
        static JsonArray Many(int count, string json) => new([.. Enumerable.Repeat(json, count).Select(step => JsonNode.Parse(step))]);
        var longer = $$$"""{"type":"Replace","pattern":{"String":"a"},"content":"{{{new string('a', 100)}}}"}""";
        Assert.Contains("times as long", Fault(root => root["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = Many(2, longer) }));
        Assert.Contains("more than 64 steps", Fault(root => root["normalizer"] = new JsonObject { ["type"] = "Sequence", ["normalizers"] = Many(65, """{"type":"NFC"}""") }));
        Assert.Contains("more than 64 steps", Fault(root => root["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = Many(65, """{"type":"Digits"}""") }));
        Assert.Contains("more than 64 steps", Fault(root => root["post_processor"] = new JsonObject { ["type"] = "Sequence", ["processors"] = Many(65, """{"type":"ByteLevel"}""") }));
        Assert.Contains("characters before a text", Fault(root => root["normalizer"] = new JsonObject { ["type"] = "Prepend", ["prepend"] = new string('a', 2000) }));
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData(@"(?=x)|(a|aa)+(?!a)b")]
    public void Encode_GivesUp_WhenARegularExpressionBacktracksWithoutEnd(string pattern)
    {
        using var files = new SavedBpe(Small(), root => root["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        });
        var tokenizer = TokenizerFiles.Load(files.Path);
        var text = new string('a', 60) + "!";
        if (pattern[0] == '^')
        {
            // Without looking around an engine that does not backtrack does it.
            Assert.NotEmpty(tokenizer.Encode(text));
        }
        else
        {
            Assert.Contains("does not backtrack", Assert.Throws<DataPrepException>(() => tokenizer.Encode(text)).Message);
        }
    }

    [Fact]
    public void Encode_TakesLongWordsAndManyTokens_WithoutGrowingWithTheirSquare()
    {
        using var files = new SavedBpe(Small(), root => root["pre_tokenizer"]!["use_regex"] = false);
        var tokenizer = TokenizerFiles.Load(files.Path);
        Assert.Equal(64, tokenizer.Encode(string.Concat(Enumerable.Repeat("the thing ", 30_000)), 64).Length);
        Assert.Equal(200_002, tokenizer.Encode(string.Concat(Enumerable.Repeat("<mask>", 200_000))).Length);
        Assert.Equal([0], tokenizer.Encode("a", 1));
        Assert.Empty(tokenizer.Encode("a", 0));
        Assert.Equal(tokenizer.Encode("a\ufffdb\U0001F600"), tokenizer.Encode("a\ud800b\U0001F600"));
        Assert.Contains("template alone has 4", Assert.Throws<DataPrepException>(() => tokenizer.EncodePair("a", "b", 3)).Message);
    }

    [Fact]
    public void Encode_SaysThatTheUnknownTokenIsMissing_WhenItIsNeeded()
    {
        using var files = new SavedBpe(Small(), root =>
        {
            root["model"] = JsonNode.Parse("""{"type":"BPE","unk_token":"<none>","vocab":{"a":0},"merges":[]}""");
            root["added_tokens"] = new JsonArray();
            root["post_processor"] = null;
        });
        var tokenizer = TokenizerFiles.Load(files.Path);
        Assert.Equal([0], tokenizer.Encode("a"));
        Assert.Contains("<none>", Assert.Throws<DataPrepException>(() => tokenizer.Encode("b")).Message);
    }

    [Theory]
    [InlineData("""{"pad_token":"<mask>"}""", 4)]
    [InlineData("""{"pad_token":{"content":"</s>"}}""", 2)]
    [InlineData("""{"pad_token":null}""", 1)]
    [InlineData("{}", 1)]
    public void Load_TakesThePaddingTokenOfTheConfiguration_WhereItNamesOne(string config, int expected)
    {
        using var files = new SavedBpe(Small());
        File.WriteAllText(Path.Combine(files.Path, "tokenizer_config.json"), config);
        Assert.Equal(expected, TokenizerFiles.Load(files.Path).PadId);
    }

    [Fact]
    public void Encode_AllocatesItsIdsAlone_ForWordsItKnows()
    {
        var tokenizer = Small();
        var text = string.Concat(Enumerable.Repeat("the thing in the other bin: 12 things, don't they? \u4e2d\u6587 ", 300));
        var ids = tokenizer.Encode(text);
        tokenizer.Encode(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (4 * ids.Length) + 256);
    }

    [Fact]
    public void Load_ReadsVocabularyAndMerges_AsTheSameTokenizerJson()
    {
        using var files = new SavedBpe(Small(), root => root["normalizer"] = null);
        using var json = JsonDocument.Parse(File.ReadAllBytes(files.Json));
        var model = json.RootElement.GetProperty("model");
        var folder = Directory.CreateTempSubdirectory("bpe-files-");
        try
        {
            string At(string name) => Path.Combine(folder.FullName, name);
            string Fault() => Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(folder.FullName)).Message;
            File.WriteAllText(At("vocab.json"), model.GetProperty("vocab").GetRawText());
            Assert.Contains("merges.txt", Fault());
            File.WriteAllLines(At("merges.txt"), ["#version: 0.2", .. model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!)]);
            var (expected, read) = (TokenizerFiles.Load(files.Path), TokenizerFiles.Load(folder.FullName));
            foreach (var text in BpeTexts.Random(500, 3, "the", "things"))
            {
                Assert.Equal(expected.Encode(text), read.Encode(text));
                Assert.Equal(expected.EncodePair(text, "thing").Ids, read.EncodePair(text, "thing").Ids);
            }

            File.WriteAllText(At("tokenizer_config.json"), """{"add_prefix_space":true}""");
            Assert.Equal(expected.Encode(" the"), TokenizerFiles.Load(folder.FullName).Encode("the"));
            File.AppendAllText(At("merges.txt"), "no such\n");
            Assert.Contains("merges.txt: merge", Fault());
            File.WriteAllText(At("vocab.json"), "[]");
            Assert.Contains("vocab.json", Fault());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Load_LoadsOrRefuses_WhateverOfATokenizerJsonIsChanged()
    {
        using var files = new SavedBpe(Small());
        var valid = File.ReadAllBytes(files.Json);
        var random = new Random(19);
        var (loaded, refused) = (0, 0);
        for (var round = 0; round < FuzzRounds.Count; round++)
        {
            var bytes = round % 2 == 0 ? FuzzedBytes(valid, random) : FuzzedJson(valid, random);
            try
            {
                using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
                var tokenizer = BpeFiles.FromJson(json.RootElement, "x");
                foreach (var text in Texts)
                {
                    Assert.All(tokenizer.Encode(text, 100), id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
                }

                loaded++;
            }
            catch (Exception fault) when (fault is DataPrepException or JsonException)
            {
                refused++;
            }
        }

        Assert.True(loaded > FuzzRounds.Count / 100 && refused > FuzzRounds.Count / 100, $"{loaded} loaded, {refused} refused");
    }

    [Fact]
    public void Load_LoadsOrRefuses_WhateverLinesOfMergesAre()
    {
        using var files = new SavedBpe(Small());
        using var json = JsonDocument.Parse(File.ReadAllBytes(files.Json));
        var vocabulary = Path.Combine(files.Path, "vocab.json");
        File.WriteAllText(vocabulary, json.RootElement.GetProperty("model").GetProperty("vocab").GetRawText());
        var merges = Encoding.UTF8.GetBytes(string.Join('\n', json.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge => merge.GetString())));
        var random = new Random(23);
        var (path, loaded) = (Path.Combine(files.Path, "merges.txt"), 0);
        for (var round = 0; round < FuzzRounds.Count / 10; round++)
        {
            File.WriteAllBytes(path, FuzzedBytes(merges, random));
            try
            {
                Assert.NotEmpty(BpeFiles.FromVocabulary(new TokenizerFile(vocabulary), new TokenizerFile(path), null).Encode(Texts[0]));
                loaded++;
            }
            catch (DataPrepException)
            {
            }
        }

        Assert.True(loaded > 0);
    }

    static byte[] FuzzedBytes(byte[] valid, Random random)
    {
        var bytes = (byte[])valid.Clone();
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)"{}[]\",: 0-"[random.Next(10)] : (byte)random.Next(256);
        }

        return random.Next(6) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    // Puts values of other kinds in the place of parts, or parts in the place of others.
    static byte[] FuzzedJson(byte[] valid, Random random)
    {
        var root = JsonNode.Parse(valid)!;
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var (node, depth) = (root, random.Next(1, 6));
            while (node is JsonObject or JsonArray && depth-- > 0)
            {
                var next = node is JsonObject map ? map.Select(entry => entry.Value).ElementAtOrDefault(random.Next(Math.Max(1, map.Count))) : node.AsArray().ElementAtOrDefault(random.Next(Math.Max(1, node.AsArray().Count)));
                if (next is null)
                {
                    break;
                }

                node = next;
            }

            var other = random.Next(8) switch
            {
                0 => null,
                1 => JsonValue.Create(random.Next(-2, 300)),
                2 => JsonValue.Create(long.MaxValue),
                3 => JsonValue.Create("\u0120t"),
                4 => new JsonArray(1, null, "a"),
                5 => new JsonObject { ["type"] = "Sequence" },
                6 => JsonValue.Create(random.NextDouble()),
                _ => root.AsObject().ElementAt(random.Next(root.AsObject().Count)).Value?.DeepClone(),
            };
            if (node.Parent is JsonObject parent)
            {
                parent[node.GetPropertyName()] = other;
            }
            else if (node.Parent is JsonArray list)
            {
                list[node.GetElementIndex()] = other;
            }
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }
}
