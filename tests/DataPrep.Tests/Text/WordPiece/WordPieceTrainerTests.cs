using DataPrep.Text;
using DataPrep.Text.WordPiece;

namespace DataPrep.Tests.Text.WordPiece;

public sealed class WordPieceTrainerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Train_MergesTheMostFrequentPairFirst_ByHand()
    {
        // hug 10, pug 5, pun 12, bun 4, hugs 5: Hugging Face's course example for BPE. Pairs: u##g 20, p##u 17, u##n 16, h##u 15 ... with "##": ##u##g 20, p##u 17, ##u##n 16.
        var text = string.Join(' ', Repeat("hug", 10).Concat(Repeat("pug", 5)).Concat(Repeat("pun", 12)).Concat(Repeat("bun", 4)).Concat(Repeat("hugs", 5)));
        var tokenizer = WordPieceTrainer.Train([text], new WordPieceTrainerOptions { VocabularySize = 19 }, cancellationToken: Token);
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "b", "g", "h", "n", "p", "s", "u", "##g", "##n", "##s", "##u", "##ug", "##un", "hug"], tokenizer.Model.Pieces);
    }

    [Fact]
    public void Train_EqualsANaiveTrainer_OnRealWords()
    {
        var texts = Collection.Rows(Path.Combine(SharedFolder.Path("data/cranfield"), "corpus.jsonl")).Texts.Take(60).ToArray();
        var tokenizer = WordPieceTrainer.Train(texts, new WordPieceTrainerOptions { VocabularySize = 600, MinFrequency = 2 }, cancellationToken: Token);
        Assert.Equal(NaiveTrain(tokenizer, texts, 600), tokenizer.Model.Pieces);
    }

    [Fact]
    public void Train_GivesTheSameVocabulary_WhateverTheOrderAndThreads()
    {
        var texts = Collection.Rows(Path.Combine(SharedFolder.Path("data/cisi"), "corpus.jsonl")).Texts;
        var options = new WordPieceTrainerOptions { VocabularySize = 4000 };
        var one = WordPieceTrainer.Train(texts, options, 1, null, Token);
        var three = WordPieceTrainer.Train(texts.Reverse(), options, 3, null, Token);
        Assert.Equal(one.Model.Pieces, three.Model.Pieces);
        Assert.Equal(4000, one.VocabularySize);
        Assert.Equal(one.EncodeAll(texts, 64, 1, true, Token), three.EncodeAll(texts, 64, 3, true, Token));
        Assert.All(texts, text => Assert.DoesNotContain(1, one.Encode(text)));
    }

    [Fact]
    public void Train_StopsEarly_WhenNoPairIsFrequentEnough()
    {
        var tokenizer = WordPieceTrainer.Train(["ab ab cd"], new WordPieceTrainerOptions { VocabularySize = 100, MinFrequency = 2 }, cancellationToken: Token);
        Assert.Contains("ab", tokenizer.Model.Pieces);
        Assert.DoesNotContain("cd", tokenizer.Model.Pieces);
    }

    [Fact]
    public void Train_Refuses_WhenThereIsNothingToTrainOnOrNoRoom()
    {
        Assert.Contains("No word", Assert.Throws<DataPrepException>(() => WordPieceTrainer.Train(["", " \u0001 "], cancellationToken: Token)).Message);
        Assert.Contains("alphabet", Assert.Throws<DataPrepException>(() => WordPieceTrainer.Train(["a b c d e"], new WordPieceTrainerOptions { VocabularySize = 7 }, cancellationToken: Token)).Message);
        Assert.Throws<DataPrepException>(() => WordPieceTrainer.Train(["a"], new WordPieceTrainerOptions { MinFrequency = 0 }, cancellationToken: Token));
    }

    static IEnumerable<string> Repeat(string word, int count) => Enumerable.Repeat(word, count);

    // Recounts every pair before every merge; words are the whitespace and punctuation pieces of lower-case ASCII text.
    static List<string> NaiveTrain(WordPieceTokenizer trained, string[] texts, int size)
    {
        var pieces = trained.Model.Pieces.TakeWhile((piece, id) => id < 5 || piece!.Replace("##", "", StringComparison.Ordinal).Length == 1).Select(piece => piece!).ToList();
        var words = texts.SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text.ToLowerInvariant(), "[a-z0-9]+|[^a-z0-9\\s]")).Select(match => match.Value)
            .GroupBy(word => word).Select(group => (Count: group.Count(), Parts: group.Key.Select((c, i) => pieces.IndexOf(i == 0 ? $"{c}" : $"##{c}")).ToList())).ToList();
        while (pieces.Count < size)
        {
            var best = words.SelectMany(word => word.Parts.Zip(word.Parts.Skip(1)).Select(pair => (pair, word.Count))).GroupBy(entry => entry.pair)
                .Select(group => (group.Key, Count: group.Sum(entry => entry.Count))).OrderByDescending(entry => entry.Count).ThenBy(entry => entry.Key.First).ThenBy(entry => entry.Key.Second).First();
            var merged = pieces[best.Key.First] + pieces[best.Key.Second][2..];
            var id = pieces.IndexOf(merged);
            if (id < 0)
            {
                id = pieces.Count;
                pieces.Add(merged);
            }

            foreach (var (_, parts) in words)
            {
                for (var i = 0; i + 1 < parts.Count; i++)
                {
                    if (parts[i] == best.Key.First && parts[i + 1] == best.Key.Second)
                    {
                        parts[i] = id;
                        parts.RemoveAt(i + 1);
                    }
                }
            }
        }

        return pieces;
    }
}
