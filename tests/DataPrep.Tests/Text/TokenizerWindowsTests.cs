using DataPrep.Tests.Text.Unigram;
using DataPrep.Text;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text;

/// <summary>Texts are read by windows through caches: neither may show in the ids.</summary>
public sealed class TokenizerWindowsTests
{
    public static TheoryData<string> Kinds => ["wordpiece", "wordpiece cased", "unigram", "unigram words"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_DoesNotDependOnWhatCameBefore_NorOnWhereWordsLie(string kind)
    {
        var random = new Random(23);
        var warm = Load(kind);
        for (var i = 0; i < 300; i++)
        {
            // The words of a long text, one by one through tokenizers that have seen nothing of it, are the ids of the text.
            var words = Enumerable.Range(0, random.Next(1, 1500)).Select(_ => Word(random)).ToArray();
            var separator = kind == "unigram" ? " " : new[] { " ", "  ", "\n", " \t" }[random.Next(4)];
            var text = string.Join(separator, words);
            var expected = words.SelectMany(word => warm.Encode(word, addSpecialTokens: false)).ToArray();
            Assert.Equal(expected, warm.Encode(text, addSpecialTokens: false));
            if (i % 30 == 0)
            {
                Assert.Equal(expected, Load(kind).Encode(text, addSpecialTokens: false));
            }

            var cut = random.Next(expected.Length + 3);
            Assert.Equal(expected[..Math.Min(cut, expected.Length)], warm.Encode(text, cut, addSpecialTokens: false));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encode_GivesTheSameIds_WhenTheCacheIsFullAndStartsAgain(string kind)
    {
        var tokenizer = Load(kind);
        var first = tokenizer.Encode("one two three extraordinarily-long-words-of-many-parts");
        for (var i = 0; i < 150_000; i += 1000)
        {
            tokenizer.Encode(string.Join(' ', Enumerable.Range(i, 1000).Select(n => $"w{n} longer-word-of-number-{n}-of-them")));
        }

        Assert.Equal(first, tokenizer.Encode("one two three extraordinarily-long-words-of-many-parts"));
        Assert.Equal(Load(kind).Encode("w7 longer-word-of-number-7-of-them w149999"), tokenizer.Encode("w7 longer-word-of-number-7-of-them w149999"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EncodeTo_WritesTheSameIds_AndAllocatesNothingForTheText(string kind)
    {
        var tokenizer = Load(kind);
        Func<string, int[], bool, int> encode = tokenizer is WordPieceTokenizer pieces ? (text, to, special) => pieces.EncodeTo(text, to, special) : (text, to, special) => ((UnigramTokenizer)tokenizer).EncodeTo(text, to, special);
        var text = string.Concat(Enumerable.Repeat("The cat sat on the mat, and 7 Übungen waren 한국어 中文 fertig. ", 40));
        foreach (var room in new[] { 0, 1, 2, 3, 17, 5000 })
        {
            var destination = new int[room];
            var count = encode(text, destination, true);
            Assert.Equal(tokenizer.Encode(text, room), destination[..count]);
            Assert.Equal(tokenizer.Encode(text, room, false), destination[..encode(text, destination, false)]);
        }

        var ids = new int[5000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        encode(text, ids, true);

        // The runtime boxes a few vectors, however long the text is, until it has optimized its own search methods.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256);
    }

    static string Word(Random random)
    {
        string[] parts = ["a", "the", "Window", "cats", "ß", "É", "한국", "中", "文", "か", "-", "x1", "\U0001F600", "longest", "e\u0301", "。", "ﬁ"];
        return string.Concat(Enumerable.Range(0, random.Next(40) == 0 ? random.Next(1, 900) : random.Next(1, 5)).Select(_ => parts[random.Next(parts.Length)]));
    }

    static ITokenizer Load(string kind)
    {
        if (kind == "unigram")
        {
            return UnigramFiles.Load(SharedFolder.Path("golden/xlmr-mini"));
        }

        if (kind == "unigram words")
        {
            using var files = new XlmrMini(root => root["pre_tokenizer"] = System.Text.Json.Nodes.JsonNode.Parse(
                """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","add_prefix_space":true}]}"""));
            return UnigramFiles.Load(files.Path);
        }

        var tokenizer = WordPieceFiles.Load(SharedFolder.Path("golden/bert-mini"));
        var settings = kind == "wordpiece" ? tokenizer.Model.Settings : new WordPieceSettings { Lowercase = false, HandleChineseChars = false, SplitIdentifiers = true };
        return new WordPieceTokenizer(tokenizer.Model with { Settings = settings });
    }
}
