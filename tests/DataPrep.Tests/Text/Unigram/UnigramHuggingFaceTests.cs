using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Tests.Text.WordPiece;
using DataPrep.Text;
using DataPrep.Text.Unigram;

namespace DataPrep.Tests.Text.Unigram;

/// <summary>Ids against Hugging Face tokenizers, recorded (xlmr-mini) and run here.</summary>
public sealed class UnigramHuggingFaceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("golden/xlmr-mini")]
    [InlineData("golden/xlmr-mini/sentencepiece.bpe.model")]
    public void Encode_GivesTheRecordedIds_ForXlmrMini(string path)
    {
        var tokenizer = UnigramFiles.Load(SharedFolder.Path(path));
        var texts = Inputs();
        var expected = File.ReadLines(SharedFolder.Path("golden/xlmr-mini.tokens.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(200, texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(expected[i].GetProperty("ids").Deserialize<int[]>(), tokenizer.Encode(texts[i], 64));
            Assert.Equal(expected[i].GetProperty("full_length").GetInt32(), tokenizer.Encode(texts[i]).Length);
        }

        Assert.Equal((2002, 1, 3, 2001), (tokenizer.VocabularySize, tokenizer.PadId, tokenizer.UnknownId, tokenizer.IdOf("<mask>")));
        Assert.Equal(tokenizer.EncodeAll(texts, 20, 1, false, Token), tokenizer.EncodeAll(texts, 20, 2, false, Token));
    }

    [Theory]
    [InlineData("Precompiled")]
    [InlineData("NFC")]
    [InlineData("NFD")]
    [InlineData("NFKC")]
    [InlineData("NFKD")]
    [InlineData("Nmt")]
    public async Task Encode_EqualsHuggingFace_ForEveryCodePointAsync(string normalizer)
    {
        // A piece for each character below U+20000, so that a character lost, kept or changed shows in the ids.
        using var files = new XlmrMini(root =>
        {
            var vocabulary = new JsonArray();
            foreach (var piece in new[] { "<s>", "<pad>", "</s>", "<unk>" }.Concat(Characters()))
            {
                vocabulary.Add(new JsonArray(piece, -1.0));
            }

            root["model"]!["vocab"] = vocabulary;
            root["added_tokens"]!.AsArray().RemoveAt(4);
            if (normalizer != "Precompiled")
            {
                root["normalizer"] = new JsonObject { ["type"] = normalizer };
            }
        });
        var texts = new List<string>();
        foreach (var group in Characters().Chunk(6))
        {
            texts.Add(string.Join(' ', group.Select(c => $"a{c}b{c}{c} \u00e9{c}\u0301{c}\u0649{c}")));
            texts.Add(string.Concat(group));
        }

        for (var c = 0x20000; c < 0x110000; c += 997)
        {
            texts.Add($"x{char.ConvertFromUtf32(c)}y");
        }

        await CompareAsync(files.Path, texts);
    }

    public static TheoryData<string, string> Variants() => new()
    {
        { "as it is", "{}" },
        { "WhitespaceSplit", """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","add_prefix_space":true}]}}""" },
        { "WhitespaceSplit first", """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}}""" },
        { "first, whole", """{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}}""" },
        { "never", """{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","add_prefix_space":false,"prepend_scheme":"never"}}""" },
        { "steps", """{"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Lowercase"},{"type":"Replace","pattern":{"String":"the"},"content":"<1>"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Prepend","prepend":"▁"}]}}""" },
        { "NFKC", """{"normalizer":{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]}}""" },
        { "NFKD", """{"normalizer":{"type":"NFKD"}}""" },
        { "no normalizer", """{"normalizer":null}""" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Encode_EqualsHuggingFace_OnRealTextAsync(string name, string changes)
    {
        using var files = new XlmrMini(root =>
        {
            foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            {
                root[key] = value?.DeepClone();
            }
        });
        var texts = new[] { "cranfield", "xquad/en", "xquad/ar", "xquad/hi", "xquad/th", "xquad/vi", "xquad/ru", "xquad/el", "drcd-zh-tw", "jaquad-ja-dev", "msdocs-cpp-ko", "msdocs-powershell" }
            .SelectMany(collection => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{collection}"), "corpus.jsonl")).Texts.Take(60)).Concat(Inputs()).ToArray();
        Assert.NotEmpty(name);
        await CompareAsync(files.Path, texts);
    }

    [Fact]
    public async Task Encode_EqualsHuggingFace_ForByteFallbackAndDuplicatePiecesAsync()
    {
        using var files = new XlmrMini(root =>
        {
            var model = root["model"]!.AsObject();
            model["byte_fallback"] = true;
            var vocabulary = model["vocab"]!.AsArray();
            for (var value = 0; value < 256; value++)
            {
                vocabulary.Add(new JsonArray($"<0x{value:X2}>", -20.0));
            }

            vocabulary.Add(new JsonArray("s", -3.0));
        });
        await CompareAsync(files.Path, [.. Inputs(), "\U0001F600\u0E5B<unk>\U00012000 s sss", "\U0001F600 \U0001F600a\U0001F600\U0001F600"]);
    }

    [Fact]
    public async Task Encode_EqualsHuggingFace_ForAddedTokensAsync()
    {
        using var files = new XlmrMini(root =>
        {
            var id = 2002;
            (string, bool, bool, bool, bool)[] tokens =
            [
                ("<left>", true, false, false, false),
                ("<right>", false, true, false, false),
                ("<both>", true, true, false, true),
                ("word", false, false, true, false),
                ("ＷＩＤＥ", false, false, false, true),
                ("<le", false, false, false, false),
            ];
            foreach (var (content, left, right, single, normalized) in tokens)
            {
                root["added_tokens"]!.AsArray().Add(new JsonObject
                {
                    ["id"] = id++,
                    ["content"] = content,
                    ["single_word"] = single,
                    ["lstrip"] = left,
                    ["rstrip"] = right,
                    ["normalized"] = normalized,
                    ["special"] = false,
                });
            }
        });
        var parts = new[] { "<left>", "<right>", "<both>", "word", "WIDE", "ＷＩＤＥ", "<le", "<mask>", "</s>", " ", "  ", "\t", "\u3000", "a", "the", "\u0301", "_", "\u200d", "\u24b6", "\U00010330", "5", "\u2460" };
        var random = new Random(4);
        var texts = Enumerable.Range(0, 3000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]))).ToArray();
        await CompareAsync(files.Path, texts);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(40)]
    [InlineData(4)]
    public async Task EncodePair_EqualsHuggingFace_WhenCutAsync(int maxLength)
    {
        using var files = new XlmrMini(root => root["truncation"] = JsonNode.Parse($$"""{"direction":"Right","max_length":{{maxLength}},"strategy":"LongestFirst","stride":0}"""));
        var inputs = Inputs();
        var pairs = inputs.Select((text, i) => (text, inputs[(i * 7 + 3) % inputs.Length])).ToArray();
        var expected = await HuggingFaceOracle.EncodePairsAsync(files.Path, pairs, Token);
        var tokenizer = UnigramFiles.Load(files.Path);
        Assert.Equal(maxLength, tokenizer.MaxLength);
        Assert.Equal(expected, pairs.Select(pair => tokenizer.EncodePair(pair.text, pair.Item2, maxLength).Ids));
    }

    static IEnumerable<string> Characters() => Enumerable.Range(1, 0x1FFFF).Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);

    static string[] Inputs() =>
        [.. File.ReadLines(SharedFolder.Path("golden/xlmr-mini.inputs.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!)];

    static async Task CompareAsync(string folder, IReadOnlyList<string> texts)
    {
        var expected = await HuggingFaceOracle.EncodeAsync(folder, texts, Token);
        var ids = UnigramFiles.Load(folder).EncodeAll(texts, threads: 2, cancellationToken: Token);
        var differing = Enumerable.Range(0, texts.Count).Where(i => !ids[i].SequenceEqual(expected[i])).ToArray();
        Assert.True(
            differing.Length == 0,
            $"{differing.Length} of {texts.Count} texts differ, first: {string.Join("\n", differing.Take(5).Select(i => $"{JsonSerializer.Serialize(texts[i][..Math.Min(80, texts[i].Length)])}: {string.Join(' ', ids[i].Take(40))} expected {string.Join(' ', expected[i].Take(40))}"))}");
    }
}
