using System.Diagnostics;
using System.Text;
using DataPrep.Tests.Text.WordPiece;
using DataPrep.Text;
using DataPrep.Text.Unigram;

namespace DataPrep.Tests.Text.Unigram;

public sealed class UnigramTrainerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Train_KeepsWordsThatOccurOften_AndEveryCharacter()
    {
        string[] texts = [.. Enumerable.Repeat("the cat sat on the mat", 40), .. Enumerable.Repeat("the cats sit", 20), "a zebu"];
        var tokenizer = UnigramTrainer.Train(texts, new UnigramTrainerOptions { VocabularySize = 40, CharacterCoverage = 1 }, cancellationToken: Token);
        Assert.Equal((0, 1, 2, 3), (tokenizer.IdOf("<s>"), tokenizer.IdOf("<pad>"), tokenizer.IdOf("</s>"), tokenizer.IdOf("<unk>")));
        Assert.Equal(tokenizer.VocabularySize - 1, tokenizer.IdOf("<mask>"));
        Assert.Equal([0, tokenizer.IdOf("▁the"), tokenizer.IdOf("▁cat"), 2], tokenizer.Encode(" the \n cat"));
        Assert.All("▁abceimnosthuzt", c => Assert.True(tokenizer.IdOf(c.ToString()) > 3));
        Assert.DoesNotContain(3, tokenizer.Encode("zebu thematic"));
        Assert.Contains(3, tokenizer.Encode("Q"));
    }

    [Fact]
    public void Train_GivesTheSameBytes_WhateverTheOrderAndThreads()
    {
        var texts = Collection.Rows(Path.Combine(SharedFolder.Path("data/cisi"), "corpus.jsonl")).Texts;
        var options = new UnigramTrainerOptions { VocabularySize = 4000 };
        using var one = new TemporaryFolder();
        using var three = new TemporaryFolder();
        using var again = new TemporaryFolder();
        UnigramFiles.Save(UnigramTrainer.Train(texts, options, 1, null, Token), one.Path);
        UnigramFiles.Save(UnigramTrainer.Train(texts.Reverse(), options, 3, null, Token), three.Path);
        UnigramFiles.Save(UnigramFiles.Load(one.Path), again.Path);
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
        {
            var bytes = File.ReadAllBytes(Path.Combine(one.Path, name));
            Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(three.Path, name)));
            Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(again.Path, name)));
        }

        Assert.Equal(4000, UnigramFiles.Load(one.Path).VocabularySize);
    }

    [Fact]
    public async Task Train_GivesATokenizerThatHuggingFaceReadsWithEqualIdsAsync()
    {
        var texts = new[] { "cranfield", "xquad/en", "xquad/ar", "xquad/hi", "xquad/th", "xquad/vi", "xquad/ru", "xquad/el", "drcd-zh-tw", "jaquad-ja-dev", "msdocs-cpp-ko", "msdocs-powershell" }
            .SelectMany(name => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{name}"), "corpus.jsonl")).Texts.Take(120)).ToArray();
        using var folder = new TemporaryFolder();
        UnigramFiles.Save(UnigramTrainer.Train(texts, new UnigramTrainerOptions { VocabularySize = 9000 }, 2, null, Token), folder.Path);
        var tokenizer = UnigramFiles.Load(folder.Path);
        Assert.Equal(9000, tokenizer.VocabularySize);
        Assert.Equal(await HuggingFaceOracle.EncodeAsync(folder.Path, texts, Token), tokenizer.EncodeAll(texts, threads: 2, cancellationToken: Token));
    }

    [Fact]
    public async Task Train_SpellsTextAsShortAndAsLikelyAsSentencePiecesOwnTrainerAsync()
    {
        if (!File.Exists("/usr/bin/spm_train"))
        {
            Assert.Skip("no /usr/bin/spm_train (Debian's package sentencepiece)");
        }

        // Trained on one half and measured on the other; lines, as SentencePiece reads a file.
        var lines = new[] { "cranfield", "med", "msdocs-powershell", "xquad/ru" }
            .SelectMany(name => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{name}"), "corpus.jsonl")).Texts.Take(700))
            .SelectMany(text => text.Split('\n')).Select(line => line.Trim()).Where(line => line.Length is > 0 and < 1000).ToArray();
        var (training, test) = (lines.Where((_, i) => i % 2 == 0).ToArray(), lines.Where((_, i) => i % 2 == 1).ToArray());
        using var folder = new TemporaryFolder();
        var input = Path.Combine(folder.Path, "lines.txt");
        await File.WriteAllLinesAsync(input, training, Token);
        using var trainer = Process.Start(new ProcessStartInfo("/usr/bin/spm_train", [$"--input={input}", $"--model_prefix={folder.Path}/theirs", "--vocab_size=6000", "--minloglevel=2", "--num_threads=2"]))!;
        await trainer.WaitForExitAsync(Token);
        Assert.Equal(0, trainer.ExitCode);

        // The same number of pieces: theirs has three special tokens, ours five.
        var ours = UnigramTrainer.Train(training, new UnigramTrainerOptions { VocabularySize = 6002 }, 2, null, Token);
        var theirs = UnigramFiles.Load(Path.Combine(folder.Path, "theirs.model"));
        var bytes = test.Sum(line => (double)Encoding.UTF8.GetByteCount(line));
        var (tokens, loss) = Measure(ours, test, bytes);
        var (theirTokens, theirLoss) = Measure(theirs, test, bytes);
        TestContext.Current.TestOutputHelper!.WriteLine($"tokens per byte {tokens:N4}, theirs {theirTokens:N4}; -log p per byte {loss:N4}, theirs {theirLoss:N4}");
        Assert.InRange(tokens / theirTokens, 0.9, 1.02);
        Assert.InRange(loss / theirLoss, 0.9, 1.02);
    }

    [Fact]
    public void Train_Refuses_WhenThereIsNothingToTrainOnOrNoRoom()
    {
        Assert.Contains("No word", Assert.Throws<DataPrepException>(() => UnigramTrainer.Train(["", " \u0001 \n"], cancellationToken: Token)).Message);
        Assert.Contains("alphabet", Assert.Throws<DataPrepException>(() => UnigramTrainer.Train(["a b c d e"], new UnigramTrainerOptions { VocabularySize = 8 }, cancellationToken: Token)).Message);
        Assert.Contains("coverage", Assert.Throws<DataPrepException>(() => UnigramTrainer.Train(["a"], new UnigramTrainerOptions { CharacterCoverage = double.NaN }, cancellationToken: Token)).Message);
        Assert.Contains("seed size", Assert.Throws<DataPrepException>(() => UnigramTrainer.Train(["a"], new UnigramTrainerOptions { SeedSize = 0 }, cancellationToken: Token)).Message);
        Assert.Contains("vocabulary size", Assert.Throws<DataPrepException>(() => UnigramTrainer.Train(["a"], new UnigramTrainerOptions { VocabularySize = 5 }, cancellationToken: Token)).Message);
    }

    // Tokens per byte, and the negative logarithm of the probability of the spellings per byte.
    static (double Tokens, double Loss) Measure(UnigramTokenizer tokenizer, string[] lines, double bytes)
    {
        var (tokens, loss) = (0L, 0.0);
        foreach (var line in lines)
        {
            var ids = tokenizer.Encode(line, addSpecialTokens: false);
            tokens += ids.Length;
            loss -= ids.Sum(id => id == tokenizer.UnknownId ? -20 : tokenizer.Model.Pieces[id].Score);
        }

        return (tokens / bytes, loss / bytes);
    }

    sealed class TemporaryFolder : IDisposable
    {
        readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("unigram-trainer-");

        public string Path => folder.FullName;

        public void Dispose() => folder.Delete(recursive: true);
    }
}
