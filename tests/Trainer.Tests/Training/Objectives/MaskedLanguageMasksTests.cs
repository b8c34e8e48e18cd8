using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Training;
using Trainer.Training.Objectives;

namespace Trainer.Tests.Training.Objectives;

public sealed class MaskedLanguageMasksTests
{
    const int Mask = 4;

    // Ids below 10 are special, odd ones continue a word.
    static readonly TokenKinds Kinds = new([.. Enumerable.Range(0, 1000).Select(id => id < 10 || id % 2 == 0)], [.. Enumerable.Range(0, 1000).Select(id => id < 10)], Mask);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Apply_HidesTheSharesOfHuggingFacesCollator_AndNeverASpecialToken(bool wholeWords)
    {
        var masks = new MaskedLanguageMasks(Kinds, new MaskedLanguageOptions { WholeWords = wholeWords });
        var random = new SplitMix64(3);
        int tokens = 0, drawn = 0, masked = 0, kept = 0;
        for (var text = 0; text < 2000; text++)
        {
            long[] before = [2, .. Enumerable.Range(0, 100).Select(_ => 10L + random.Below(990)), 3, 0];
            var after = before.ToArray();
            var places = masks.Apply(after, 1, 5, text);
            Assert.All(Enumerable.Range(0, before.Length).Except(places), t => Assert.Equal(before[t], after[t]));
            Assert.All(places, t => Assert.True(before[t] >= 10 && after[t] is Mask or >= 10));
            if (wholeWords)
            {
                // A token that continues a word shares its fate with the one before it; the first ordinary one starts a word.
                Assert.All(Enumerable.Range(2, 99).Where(t => before[t] % 2 == 1), t => Assert.Equal(places.Contains(t - 1), places.Contains(t)));
            }

            (tokens, drawn) = (tokens + 100, drawn + places.Count);
            masked += places.Count(t => after[t] == Mask);
            kept += places.Count(t => after[t] == before[t]);
        }

        // 30,000 of 200,000 drawn: 0.15 within five deviations, which whole words of two tokens on average widen.
        Assert.InRange(drawn / (double)tokens, 0.142, 0.158);
        Assert.InRange(masked / (double)drawn, 0.788, 0.812);
        Assert.InRange(kept / (double)drawn, 0.091, 0.109);
    }

    [Fact]
    public void Apply_DependsOnSeedStepAndTextAlone()
    {
        var masks = new MaskedLanguageMasks(Kinds, new MaskedLanguageOptions { Probability = 0.5 });
        var text = Enumerable.Range(10, 40).Select(id => (long)id).ToArray();
        long[] Hidden(long seed, int step, int index)
        {
            var ids = text.ToArray();
            masks.Apply(ids, seed, step, index);
            return ids;
        }

        var one = Hidden(1, 2, 3);
        Assert.Equal(one, Hidden(1, 2, 3));
        Assert.All([Hidden(2, 2, 3), Hidden(1, 3, 3), Hidden(1, 2, 4)], other => Assert.NotEqual(one, other));
    }

    [Fact]
    public void Masks_AreRefused_WithoutAMaskTokenOrWithSharesAboveAll()
    {
        Assert.Contains("no [MASK]", Assert.Throws<TrainerException>(() => new MaskedLanguageMasks(Kinds with { MaskId = -1 }, new())).Message, StringComparison.Ordinal);
        Assert.Contains("add up to 1.2", Assert.Throws<TrainerException>(() => new MaskedLanguageMasks(Kinds, new() { MaskShare = 0.9, RandomShare = 0.3 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert-mini", "[MASK]")]
    [InlineData("xlmr-mini", "<mask>")]
    public void Kinds_KnowSpecialTokensAndStartsOfWords_OfPretrainedTokenizers(string model, string mask)
    {
        var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(Fixture.Shared($"golden/{model}")));
        var kinds = TokenKinds.Of(tokenizer);
        Assert.Equal((tokenizer.IdOf(mask), tokenizer.VocabularySize), (kinds.MaskId, kinds.Special.Length));
        var text = "An unbelievably uncharacteristic transmogrification, indeed";
        var ids = tokenizer.Encode(text);
        Assert.True(kinds.Special[ids[0]] && kinds.Special[ids[^1]] && kinds.Special[kinds.MaskId] && kinds.Special[tokenizer.PadId]);
        var inner = ids[1..^1];
        Assert.DoesNotContain(inner, id => kinds.Special[id]);

        // BERT counts the comma as a word, SentencePiece as a part of the one before it.
        Assert.Equal(model == "bert-mini" ? 6 : 5, inner.Count(id => kinds.StartsWord[id]));
        Assert.True(inner.Length > 6);
    }
}
