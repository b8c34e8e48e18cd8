using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Tests.Text.WordPiece;
using DataPrep.Text;
using DataPrep.Text.Bpe;

namespace DataPrep.Tests.Text.Bpe;

/// <summary>Ids against Hugging Face tokenizers, run here.</summary>
public sealed class BpeHuggingFaceTests
{
    static readonly Lazy<string[]> Texts = new(() => BpeTexts.Real(60));

    static readonly Lazy<BpeTokenizer> Trained = new(() => BpeTrainer.Train(Texts.Value, new BpeTrainerOptions { VocabularySize = 6000 }));

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BpeWords.Gpt2, false, false)]
    [InlineData(BpeWords.Gpt2, true, true)]
    [InlineData(BpeWords.Llama3, false, false)]
    [InlineData(BpeWords.Qwen, false, true)]
    public async Task Encode_EqualsHuggingFace_OnRealTextWithATrainedVocabularyAsync(BpeWords words, bool prefixSpace, bool lowercase)
    {
        var texts = BpeTexts.Real(250);
        var tokenizer = BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = 12_000, Settings = new BpeSettings { Words = words, AddPrefixSpace = prefixSpace, Lowercase = lowercase } }, 2, null, Token);
        Assert.Equal(12_000, tokenizer.VocabularySize);
        using var files = new SavedBpe(tokenizer);
        await CompareAsync(files.Path, [.. texts, .. BpeTexts.Random(3000, 5)]);
    }

    [Theory]
    [InlineData(BpeWords.Gpt2)]
    [InlineData(BpeWords.Llama3)]
    public async Task Encode_EqualsHuggingFace_ForEveryCodePointAsync(BpeWords words)
    {
        using var files = new SavedBpe(BpeTrainer.Train(Texts.Value, new BpeTrainerOptions { VocabularySize = 2000, Settings = new BpeSettings { Words = words } }, 2, null, Token), root => root["normalizer"] = null);
        await CompareAsync(files.Path, [.. BpeTexts.EveryCharacter()]);
    }

    public static TheoryData<string, string> Variants()
    {
        const string O200k = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        const string DeepSeek = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
        static string Split(string pattern, string behavior, bool invert, bool regex = true) => new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { [regex ? "Regex" : "String"] = pattern }, ["behavior"] = behavior, ["invert"] = invert },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
            },
        }.ToJsonString();
        var data = new TheoryData<string, string>
        {
            { "o200k", Split(O200k, "Isolated", false) },
            { "DeepSeek", Split(DeepSeek, "Isolated", false) },
            { "removed, inverted", Split(Cl100kWords.Qwen, "Removed", true) },
            { "digits", """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}}""" },
            { "runs of digits, prefix", """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":false},{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}]}}""" },
            { "no words", """{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}}""" },
            { "WhitespaceSplit", """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}]}}""" },
            { "ignore merges", """{"model":{"ignore_merges":true},"normalizer":null}""" },
            { "template", """{"post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}}]}}""" },
            { "byte level after", """{"post_processor":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true},"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"String":"the"},"content":"12"},{"type":"Lowercase"}]}}""" },
        };
        foreach (var behavior in Enum.GetNames<SplitBehavior>())
        {
            data.Add($"{behavior} letters", Split(@"\p{L}+|\d", behavior, false));
            data.Add($"{behavior} bounds", Split("(?<=[a-z])(?=[A-Z0-9])", behavior, false));
            data.Add($"{behavior} blanks, inverted", Split(" ", behavior, true, regex: false));
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task Encode_EqualsHuggingFace_ForEveryKindOfStepAsync(string name, string changes)
    {
        using var files = new SavedBpe(Trained.Value, root => Merge(root, changes));
        Assert.NotEmpty(name);
        await CompareAsync(files.Path, [.. Texts.Value.Where((_, i) => i % 10 == 0), .. BpeTexts.Random(2000, 6)]);
    }

    [Theory]
    [InlineData("""{"model":{"type":"BPE","unk_token":"?","fuse_unk":true}}""")]
    [InlineData("""{"model":{"type":"BPE","unk_token":"?","fuse_unk":false}}""")]
    [InlineData("""{"model":{"type":"BPE","unk_token":null}}""")]
    [InlineData("""{"model":{"type":"BPE","unk_token":"?","byte_fallback":true,"fuse_unk":true}}""")]
    [InlineData("""{"model":{"type":"BPE","unk_token":"?","continuing_subword_prefix":"##","end_of_word_suffix":"</w>"}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}}""")]
    [InlineData("""{"pre_tokenizer":null,"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}}""")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}}""")]
    public async Task Encode_EqualsHuggingFace_ForWordsOfCharactersAsync(string changes)
    {
        using var files = new SavedBpe(Trained.Value, root =>
        {
            string[] bytes = [.. Enumerable.Range(0x20, 0x60).Select(value => $"<0x{value:X2}>"), "<0xC3>", "<0xA9>", "<0xC4>", "<0x80>"];
            string[] characters = ["?", "\u2581", .. "abcdeghilnorstu ".Select(c => c.ToString()), "\u4e2d", "\U0001F600"];
            string[] marked = [.. characters.SelectMany(c => new[] { $"##{c}", $"{c}</w>", $"##{c}</w>" })];
            (string, string)[] merges = [("\u2581", "t"), ("t", "h"), ("th", "e"), ("\u2581t", "h"), ("\u2581th", "e"), ("a", "a"), ("i", "n"), ("in", "g"), ("n", "g"), ("i", "ng"), ("?", "a"), ("o", "##n</w>"), ("a", "##a"), ("s", "##t")];
            var words = merges.Select(merge => merge.Item1 + (merge.Item2.StartsWith("##", StringComparison.Ordinal) ? merge.Item2[2..] : merge.Item2));
            var prefixed = changes.Contains("##", StringComparison.Ordinal);
            var used = merges.Where(merge => prefixed == merge.Item2.StartsWith("##", StringComparison.Ordinal));
            var vocabulary = new JsonObject();
            foreach (var piece in characters.Concat(marked).Concat(words).Concat(bytes).Distinct())
            {
                vocabulary[piece] = vocabulary.Count;
            }

            root["added_tokens"] = new JsonArray();
            root["post_processor"] = null;
            root["normalizer"] = null;
            root["pre_tokenizer"] = JsonNode.Parse("""{"type":"WhitespaceSplit"}""");
            root["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. used.Select(merge => new JsonArray(merge.Item1, merge.Item2))]) };
            Merge(root, changes);
        });
        await CompareAsync(files.Path, [.. Texts.Value.Where((_, i) => i % 5 == 0), .. BpeTexts.Random(2000, 7, "the", "ing", "aaaaa", " the", "\u2581", "on", "st")]);
    }

    [Fact]
    public async Task Encode_EqualsHuggingFace_ForAddedTokensAsync()
    {
        using var files = new SavedBpe(Trained.Value, root =>
        {
            var id = 6000;
            (string, bool, bool, bool, bool)[] tokens =
            [
                ("<left>", true, false, false, false), ("<right>", false, true, false, false), ("<both>", true, true, false, true), ("qzword", false, false, true, false), ("  ", false, false, false, true),
                ("   ", false, false, false, true), ("<le", false, false, false, false), ("e\u0301e", false, false, false, true),
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
        await CompareAsync(files.Path, [.. BpeTexts.Random(4000, 8, "<left>", "<right>", "<both>", "qzword", "    ", "<le", "<mask>", "<pad>", "\u00e9e", "e\u0301e")]);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(40)]
    public async Task EncodePair_EqualsHuggingFace_WithTypesAndCutAsync(int maxLength)
    {
        using var files = new SavedBpe(Trained.Value, root => root["truncation"] = JsonNode.Parse($$"""{"direction":"Right","max_length":{{maxLength}},"strategy":"LongestFirst","stride":0}"""));
        string[] texts = [.. Texts.Value.Where((_, i) => i % 6 == 0).Select(text => text[..Math.Min(text.Length, 200)]), .. BpeTexts.Random(500, 9)];
        var pairs = texts.Select((text, i) => (text, texts[(i * 7 + 3) % texts.Length])).ToArray();
        var expected = await HuggingFaceOracle.EncodePairsWithTypesAsync(files.Path, pairs, Token);
        var tokenizer = TokenizerFiles.Load(files.Path);
        Assert.Equal(maxLength, tokenizer.MaxLength);
        var encoded = pairs.Select(pair => tokenizer.EncodePair(pair.text, pair.Item2, maxLength)).ToArray();
        for (var i = 0; i < pairs.Length; i++)
        {
            Assert.True(
                expected[i][0].SequenceEqual(encoded[i].Ids) && expected[i][1].SequenceEqual(encoded[i].TypeIds),
                $"{JsonSerializer.Serialize(pairs[i].text)} {JsonSerializer.Serialize(pairs[i].Item2)}: {string.Join(' ', encoded[i].Ids)} expected {string.Join(' ', expected[i][0])}");
        }

        var whole = texts.Select(text => tokenizer.Encode(text)).ToArray();
        Assert.Equal(whole.Select(ids => (int[])[.. ids.Take(Math.Min(maxLength, ids.Length) - 1), 2]), texts.Select(text => tokenizer.Encode(text, maxLength)));
    }

    static void Merge(JsonNode root, string changes)
    {
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
        {
            if (key != "model")
            {
                root[key] = value?.DeepClone();
                continue;
            }

            foreach (var (name, part) in value!.AsObject())
            {
                root[key]![name] = part?.DeepClone();
            }
        }
    }

    static async Task CompareAsync(string folder, IReadOnlyList<string> texts)
    {
        var expected = await HuggingFaceOracle.EncodeAsync(folder, texts, Token);
        var tokenizer = TokenizerFiles.Load(folder);
        Assert.IsType<BpeTokenizer>(tokenizer);
        var ids = tokenizer.EncodeAll(texts, threads: 2, cancellationToken: Token);
        var differing = Enumerable.Range(0, texts.Count).Where(i => !ids[i].SequenceEqual(expected[i])).ToArray();
        Assert.True(
            differing.Length == 0,
            $"{differing.Length} of {texts.Count} texts differ, first: {string.Join("\n", differing.Take(5).Select(i => $"{JsonSerializer.Serialize(texts[i][..Math.Min(80, texts[i].Length)])}: {string.Join(' ', ids[i].Take(40))} expected {string.Join(' ', expected[i].Take(40))}"))}");
    }
}
