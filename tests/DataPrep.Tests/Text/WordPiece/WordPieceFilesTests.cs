using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text.WordPiece;

public sealed class WordPieceFilesTests
{
    static readonly string[] Pieces = [.. WordPieceModel.SpecialTokens, "a", "##b", "\"", "\\", "\u4e2d"];

    [Fact]
    public void Save_WritesTheSameBytes_AfterLoading()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        var settings = new WordPieceSettings { SplitIdentifiers = true, StripAccents = false, MaxWordLength = 33 };
        var tokenizer = new WordPieceTokenizer(WordPieceModel.Bert(Pieces, settings));
        WordPieceFiles.Save(tokenizer, first.Path);
        var loaded = WordPieceFiles.Load(first.Path);
        WordPieceFiles.Save(loaded, second.Path);
        foreach (var name in new[] { "vocab.txt", "tokenizer.json", "tokenizer_config.json" })
        {
            Assert.Equal(File.ReadAllText(Path.Combine(first.Path, name)), File.ReadAllText(Path.Combine(second.Path, name)));
        }

        Assert.Equal(settings, loaded.Model.Settings);
        Assert.Equal([2, 5, 6, 7, 3], loaded.Encode("ab\""));
        Assert.Equal([2, 5, 3], loaded.Encode("ab \"", 3).Where(id => id != 6));
        Assert.Equal([5, 6], loaded.Encode("ab \"", 2, addSpecialTokens: false));
        Assert.Equal(loaded.Encode("a\u4e2d"), WordPieceFiles.Load(Path.Combine(first.Path, "vocab.txt")).Encode("a\u4e2d"));
    }

    [Theory]
    [InlineData("{", "is no JSON")]
    [InlineData("[]", "is no JSON")]
    [InlineData("{}", "no WordPiece tokenizer")]
    [InlineData("""{"model":{"type":"BPE","vocab":{}}}""", "model is of type BPE")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0,"b":0}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "each id once")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":2000000000}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "Expected ids below")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":4000000}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "without large gaps")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0},"unk_token":null},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "no WordPiece tokenizer")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0},"continuing_subword_prefix":null},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "no WordPiece tokenizer")]
    [InlineData("""{"added_tokens":[{"id":0,"content":null}],"model":{"type":"WordPiece","vocab":{"a":0}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "no WordPiece tokenizer")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":-5}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "negative")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "[UNK]")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"NFC"}}""", "normalizer is of type NFC")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":[1]},"pre_tokenizer":{"type":"BertPreTokenizer"},"normalizer":{"type":"BertNormalizer"}}""", "no WordPiece tokenizer")]
    public void Load_SaysWhatIsWrong_ForABrokenTokenizerJson(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), json);
        Assert.Contains(expected, Assert.Throws<DataPrepException>(() => WordPieceFiles.Load(folder.Path)).Message);
    }

    [Fact]
    public void Load_SaysWhatIsMissing_ForAnEmptyFolderAndATornVocabulary()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("vocab.txt", Assert.Throws<DataPrepException>(() => WordPieceFiles.Load(folder.Path)).Message);
        File.WriteAllText(Path.Combine(folder.Path, "vocab.txt"), "[PAD]\na\na\n");
        Assert.Contains("line 3", Assert.Throws<DataPrepException>(() => WordPieceFiles.Load(folder.Path)).Message);
        File.WriteAllText(Path.Combine(folder.Path, "vocab.txt"), "[PAD]\n[UNK]\na\n");
        Assert.Contains("[CLS]", Assert.Throws<DataPrepException>(() => WordPieceFiles.Load(folder.Path)).Message);
    }

    sealed class TemporaryFolder : IDisposable
    {
        readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wordpiece-files-");

        public string Path => folder.FullName;

        public void Dispose() => folder.Delete(recursive: true);
    }
}
