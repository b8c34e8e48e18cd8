using System.Text.Json.Nodes;
using DataPrep.Tests.Text.WordPiece;
using DataPrep.Text;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text;

public sealed class TokenizerFilesTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tokenizer-files-");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("bert-mini", "tokenizer.json", typeof(WordPieceTokenizer))]
    [InlineData("bert-mini", "vocab.txt", typeof(WordPieceTokenizer))]
    [InlineData("xlmr-mini", "tokenizer.json", typeof(UnigramTokenizer))]
    [InlineData("xlmr-mini", "sentencepiece.bpe.model", typeof(UnigramTokenizer))]
    public void Load_PicksByTheFilesThatAreThere_UnderAnyName(string model, string name, Type expected)
    {
        var hashed = Path.Combine(folder.FullName, "0a1b2c");
        File.Copy(SharedFolder.Path($"golden/{model}/{name}"), hashed);
        var tokenizer = TokenizerFiles.Load(new Dictionary<string, string> { [name] = hashed, ["config.json"] = "elsewhere" }, "artifact 7");
        Assert.IsType(expected, tokenizer);
        Assert.Equal(TokenizerFiles.Load(SharedFolder.Path($"golden/{model}")).Encode("Hello, w\u00f6rld"), tokenizer.Encode("Hello, w\u00f6rld"));
        Assert.Equal(tokenizer.PadId, tokenizer.IdOf(model == "bert-mini" ? "[PAD]" : "<pad>"));
    }

    [Fact]
    public void Load_TakesTheSettingsOfTokenizerConfig_WhereThereIsOnlyAVocabulary()
    {
        string[] pieces = [.. WordPieceModel.SpecialTokens, "a", "A", "\u00e1"];
        File.WriteAllLines(Path.Combine(folder.FullName, "vocab.txt"), pieces);
        Assert.Equal([2, 5, 5, 5, 3], TokenizerFiles.Load(folder.FullName).Encode("a A \u00e1"));
        File.WriteAllText(Path.Combine(folder.FullName, "tokenizer_config.json"), """{"do_lower_case": false}""");
        Assert.Equal([2, 5, 6, 7, 3], TokenizerFiles.Load(folder.FullName).Encode("a A \u00e1"));
    }

    [Fact]
    public void Load_GuessesTheModel_WhereTheFileNamesNone()
    {
        foreach (var model in new[] { "bert-mini", "xlmr-mini" })
        {
            var root = JsonNode.Parse(File.ReadAllText(SharedFolder.Path($"golden/{model}/tokenizer.json")))!;
            Assert.True(root["model"]!.AsObject().Remove("type"));
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), root.ToJsonString());
            Assert.Equal(TokenizerFiles.Load(SharedFolder.Path($"golden/{model}")).Encode("Hello, w\u00f6rld"), TokenizerFiles.Load(folder.FullName).Encode("Hello, w\u00f6rld"));
        }
    }

    [Theory]
    [InlineData("", "is no JSON")]
    [InlineData("[]", "the root is no object")]
    [InlineData("{}", "model is of type null")]
    [InlineData("""{"model":7}""", "model is of type null")]
    [InlineData("""{"model":{"type":7}}""", "model is of type 7")]
    [InlineData("""{"model":{"type":"WordLevel"}}""", "model is of type WordLevel")]
    [InlineData("""{"model":{"type":"WordPiece"},"model":{"type":"Unigram"}}""", "model")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0,"a":1}}}""", "Duplicate")]
    public void Load_SaysWhatIsWrong_ForABrokenTokenizerJson(string json, string expected)
    {
        File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), json);
        var message = Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(folder.FullName)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(Path.Combine(folder.FullName, "tokenizer.json"), message);
        Assert.Contains("Expected", message);
    }

    [Fact]
    public void Load_RefusesWithoutReading_WhenAFileIsTooLarge()
    {
        foreach (var name in new[] { "tokenizer.json", "vocab.txt", "sentencepiece.bpe.model" })
        {
            var path = Path.Combine(folder.FullName, "big");
            using (var file = File.Create(path))
            {
                file.SetLength(1L << 30);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var message = Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(new Dictionary<string, string> { [name] = path }, "model 1")).Message;
            Assert.Contains($"model 1/{name}", message);
            Assert.Contains("1073741824 bytes. Expected", message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Fact]
    public void Load_StopsAtTheFirstFault_WhenAVocabularyIsEmptyLines()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "vocab.txt"), new string('\n', 1 << 24) + "a");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("line 2", Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(folder.FullName)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 27);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(60)]
    public void Load_Refuses_WhenStepsAreNestedTooDeep(int depth)
    {
        var nested = string.Concat(Enumerable.Repeat("""{"type":"Sequence","processors":[""", depth)) + string.Concat(Enumerable.Repeat("]}", depth));
        File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), $$$"""{"model":{"type":"WordPiece","vocab":{"[UNK]":0}},"post_processor":{{{nested}}}}""");
        Assert.Contains("no JSON", Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(folder.FullName)).Message);
    }

    [Fact]
    public void Load_NamesTheFileAndTheFolder_WhenOneIsMissing()
    {
        Assert.Contains("found nothing", Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(folder.FullName)).Message);
        Assert.Contains("no such folder", Assert.Throws<DataPrepException>(() => TokenizerFiles.Load("/no/such")).Message);
        Assert.Contains("model 3/vocab.txt (/gone)", Assert.Throws<DataPrepException>(() => TokenizerFiles.Load(new Dictionary<string, string> { ["vocab.txt"] = "/gone" }, "model 3")).Message);
    }

    [Theory]
    [InlineData("bert-mini", 12)]
    [InlineData("bert-mini", 13)]
    [InlineData("bert-mini", 40)]
    [InlineData("xlmr-mini", 13)]
    public async Task EncodePair_EqualsHuggingFace_WithTypesAndCutAsync(string model, int maxLength)
    {
        var root = JsonNode.Parse(File.ReadAllText(SharedFolder.Path($"golden/{model}/tokenizer.json")))!;
        root["truncation"] = JsonNode.Parse($$"""{"direction":"Right","max_length":{{maxLength}},"strategy":"LongestFirst","stride":0}""");
        File.WriteAllText(Path.Combine(folder.FullName, "tokenizer.json"), root.ToJsonString());
        var inputs = File.ReadLines(SharedFolder.Path($"golden/{model}.inputs.jsonl")).Select(line => JsonNode.Parse(line)!["text"]!.GetValue<string>()).ToArray();
        var pairs = inputs.Select((text, i) => (text, inputs[(i * 7 + 3) % inputs.Length])).ToArray();
        var expected = await HuggingFaceOracle.EncodePairsWithTypesAsync(folder.FullName, pairs, Token);
        var tokenizer = TokenizerFiles.Load(folder.FullName);
        Assert.Equal(maxLength, tokenizer.MaxLength);
        var encoded = pairs.Select(pair => tokenizer.EncodePair(pair.text, pair.Item2, maxLength)).ToArray();
        Assert.Equal(expected.Select(pair => pair[0]), encoded.Select(pair => pair.Ids));
        Assert.Equal(expected.Select(pair => pair[1]), encoded.Select(pair => pair.TypeIds));
    }
}
