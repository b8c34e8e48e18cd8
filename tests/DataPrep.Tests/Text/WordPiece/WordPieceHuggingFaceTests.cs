using System.Text.Json;
using DataPrep.Text;
using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text.WordPiece;

/// <summary>Ids against Hugging Face tokenizers, recorded (bert-mini) and run here.</summary>
public sealed class WordPieceHuggingFaceTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("golden/bert-mini")]
    [InlineData("golden/bert-mini/vocab.txt")]
    public void Encode_GivesTheRecordedIds_ForBertMini(string path)
    {
        var tokenizer = WordPieceFiles.Load(SharedFolder.Path(path));
        var texts = File.ReadLines(SharedFolder.Path("golden/bert-mini.inputs.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!).ToArray();
        var expected = File.ReadLines(SharedFolder.Path("golden/bert-mini.tokens.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(200, texts.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal(expected[i].GetProperty("ids").Deserialize<int[]>(), tokenizer.Encode(texts[i], 64));
            Assert.Equal(expected[i].GetProperty("full_length").GetInt32(), tokenizer.Encode(texts[i]).Length);
        }

        Assert.Equal(3000, tokenizer.VocabularySize);
        Assert.Equal(0, tokenizer.PadId);
    }

    public static TheoryData<WordPieceSettings> Settings() =>
    [
        new WordPieceSettings(),
        new WordPieceSettings { Lowercase = false, StripAccents = false, CleanText = false, HandleChineseChars = false },
        new WordPieceSettings { Lowercase = true, StripAccents = false, SplitIdentifiers = true },
        new WordPieceSettings { Lowercase = false, StripAccents = true, MaxWordLength = 12 },
    ];

    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Encode_EqualsHuggingFace_ForEveryCodePointAsync(WordPieceSettings settings)
    {
        // Pieces for each character below U+20000, so that a character lost, kept or changed shows in the ids.
        var characters = Enumerable.Range(1, 0x1FFFF).Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32).ToArray();
        string[] pieces = [.. WordPieceModel.SpecialTokens, .. characters, .. characters.Select(c => "##" + c)];
        var texts = new List<string>();
        foreach (var group in characters.Chunk(8))
        {
            texts.Add(string.Join(' ', group.Select(c => $"a{c}b{c}{c} C{c}1Dd{c}")));
            texts.Add(string.Concat(group));
        }

        for (var c = 0x20000; c < 0x110000; c += 997)
        {
            texts.Add($"x{char.ConvertFromUtf32(c)}y");
        }

        await CompareAsync(new WordPieceTokenizer(WordPieceModel.Bert(pieces, settings)), texts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encode_EqualsHuggingFace_OnRealTextWithATrainedVocabularyAsync(bool splitIdentifiers)
    {
        var texts = new[] { "cranfield", "cacm", "xquad/en", "xquad/ar", "xquad/hi", "xquad/th", "xquad/vi", "xquad/ru", "drcd-zh-tw", "jaquad-ja-dev", "msdocs-cpp-ko", "msdocs-powershell" }
            .SelectMany(name => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{name}"), "corpus.jsonl")).Texts.Take(300)).ToArray();
        var options = new WordPieceTrainerOptions { VocabularySize = 12_000, Settings = new WordPieceSettings { SplitIdentifiers = splitIdentifiers } };
        var tokenizer = WordPieceTrainer.Train(texts, options, 2, null, Token);
        Assert.Equal(12_000, tokenizer.VocabularySize);
        await CompareAsync(tokenizer, texts);
    }

    [Fact]
    public async Task Encode_EqualsHuggingFace_ForSpecialTokensAndIdentifiersAsync()
    {
        string[] pieces = [.. WordPieceModel.SpecialTokens, "hash", "map", "2", "xml", "node", "##s", "a", "##b", "[", "]", "mask", "##i", "i", "\u0307", "##\u0307"];
        var tokenizer = new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings { SplitIdentifiers = true }));
        await CompareAsync(tokenizer, ["HashMap2XMLNodes", "[MASK]a[CLS] [SEP][SEP]x[PAD", "ab[MASK]ab", "[mask]", "[[MASK]]", "aB Ab AB ABb a2b", "İi", "hash\u200bmap Hash\u200bMap", ""]);
    }

    static async Task CompareAsync(WordPieceTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        var folder = Directory.CreateTempSubdirectory("wordpiece-");
        try
        {
            WordPieceFiles.Save(tokenizer, folder.FullName);
            var expected = await HuggingFaceOracle.EncodeAsync(folder.FullName, texts, Token);
            var ids = WordPieceFiles.Load(folder.FullName).EncodeAll(texts, threads: 2, cancellationToken: Token);
            var differing = Enumerable.Range(0, texts.Count).Where(i => !ids[i].SequenceEqual(expected[i])).ToArray();
            Assert.True(differing.Length == 0, $"{differing.Length} of {texts.Count} texts differ, first: {string.Join("\n", differing.Take(5).Select(i => Show(tokenizer, texts[i], ids[i], expected[i])))}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Show(WordPieceTokenizer tokenizer, string text, int[] ids, int[] expected)
    {
        var at = Enumerable.Range(0, Math.Min(ids.Length, expected.Length)).FirstOrDefault(i => ids[i] != expected[i], Math.Min(ids.Length, expected.Length) - 1);
        string Pieces(int[] all) => string.Join(' ', all.Skip(Math.Max(0, at - 3)).Take(8).Select(id => tokenizer.Model.Pieces[id]).Select(piece => JsonSerializer.Serialize(piece)));
        return $"{JsonSerializer.Serialize(text[..Math.Min(80, text.Length)])}: {Pieces(ids)} expected {Pieces(expected)}";
    }
}
