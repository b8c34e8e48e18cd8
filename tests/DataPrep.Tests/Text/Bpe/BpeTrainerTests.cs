using System.Text.Json;
using DataPrep.Tests.Text.WordPiece;
using DataPrep.Text;
using DataPrep.Text.Bpe;

namespace DataPrep.Tests.Text.Bpe;

public sealed class BpeTrainerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cranfield", 400)]
    [InlineData("drcd-zh-tw", 100)]
    [InlineData("msdocs-powershell", 60)]
    public async Task Learn_GivesTheMergesOfHuggingFacesTrainerAsync(string collection, int count)
    {
        var folder = Directory.CreateTempSubdirectory("bpe-trainer-");
        try
        {
            var (textFile, jsonFile) = (Path.Combine(folder.FullName, "texts.txt"), Path.Combine(folder.FullName, "tokenizer.json"));
            var texts = Collection.Rows(Path.Combine(SharedFolder.Path($"data/{collection}"), "corpus.jsonl")).Texts.Take(count).Select(text => text.ReplaceLineEndings(" ") + "\n").ToArray();
            await File.WriteAllTextAsync(textFile, string.Concat(texts), Token);
            await HuggingFaceOracle.RunScriptAsync("Text/Bpe/train.js", [textFile, jsonFile], Token);
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(jsonFile, Token));
            var expected = json.RootElement.GetProperty("model");

            var model = new BpeModel { Pieces = [], Merges = [], ByteLevel = true, Words = [new Gpt2Words()] };
            var words = TextCounter.Count(texts, () => new BpeWordCounter(model), 2, null, Token);
            var seen = words.SelectMany(word => System.Text.Encoding.UTF8.GetBytes(word.Word)).ToHashSet();
            List<string> pieces = [.. seen.Select(value => ByteLevelAlphabet.Characters[value]).Order().Select(c => c.ToString())];
            var merges = BpeTrainer.Learn(pieces, words, 30_000, 0, null, Token);

            Assert.Equal(expected.GetProperty("vocab").EnumerateObject().OrderBy(piece => piece.Value.GetInt32()).Select(piece => piece.Name), pieces);
            Assert.Equal(expected.GetProperty("merges").EnumerateArray().Select(merge => (merge[0].GetString()!, merge[1].GetString()!)), merges);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Train_GivesTheSameBytes_WhateverTheOrderAndThreads()
    {
        var texts = Collection.Rows(Path.Combine(SharedFolder.Path("data/cisi"), "corpus.jsonl")).Texts;
        var options = new BpeTrainerOptions { VocabularySize = 3000 };
        var one = BpeTrainer.Train(texts, options, 1, null, Token);
        var three = BpeTrainer.Train(texts.Reverse(), options, 3, null, Token);
        Assert.Equal(3000, one.VocabularySize);
        Assert.Equal((0, 1, 2, 3, 4), (one.IdOf("<s>"), one.PadId, one.IdOf("</s>"), one.IdOf("<unk>"), one.IdOf("<mask>")));
        using var first = new SavedBpe(one);
        using var second = new SavedBpe(three);
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
        {
            Assert.Equal(File.ReadAllText(Path.Combine(first.Path, name)), File.ReadAllText(Path.Combine(second.Path, name)));
        }

        ITokenizer read = TokenizerFiles.Load(first.Path);
        Assert.Equal(((ITokenizer)one).EncodeAll(texts, 64, 1, true, Token), read.EncodeAll(texts, 64, 3, true, Token));
        Assert.Equal((one.VocabularySize, one.PadId), (read.VocabularySize, read.PadId));
    }

    [Fact]
    public void Train_StopsEarly_WhenNoPairIsFrequentEnough()
    {
        var tokenizer = BpeTrainer.Train(["ab ab cd"], new BpeTrainerOptions { VocabularySize = 1000, MinFrequency = 2 }, cancellationToken: Token);
        Assert.Equal(261 + 2, tokenizer.VocabularySize);
        Assert.True(tokenizer.IdOf("\u0120ab") > 0 && tokenizer.IdOf("cd") < 0);
    }

    [Fact]
    public void Train_Refuses_WhatItCannotDo()
    {
        Assert.Contains("No word", Assert.Throws<DataPrepException>(() => BpeTrainer.Train([""], cancellationToken: Token)).Message);
        Assert.Contains("at least 261", Assert.Throws<DataPrepException>(() => BpeTrainer.Train(["a"], new BpeTrainerOptions { VocabularySize = 260 }, cancellationToken: Token)).Message);
        Assert.Contains("frequency", Assert.Throws<DataPrepException>(() => BpeTrainer.Train(["a"], new BpeTrainerOptions { MinFrequency = -1 }, cancellationToken: Token)).Message);
        Assert.Contains("prefix space", Assert.Throws<DataPrepException>(() => BpeTrainer.Train(["a"], new BpeTrainerOptions { Settings = new BpeSettings { Words = BpeWords.Qwen, AddPrefixSpace = true } }, cancellationToken: Token)).Message);
    }
}
