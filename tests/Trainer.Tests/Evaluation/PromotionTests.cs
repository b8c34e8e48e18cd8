using DataPrep;
using DataPrep.Text.WordPiece;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Evaluation;

[Collection(TorchCollection.Name)]
public sealed class PromotionTests
{
    static readonly string[] Words = [.. Enumerable.Range(0, 40).Select(i => $"w{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}")];
    static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words];

    public PromotionTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_KeepsTheCurrentModel_OnlyWhereTheCandidateIsWorse()
    {
        var test = Collection(40);
        using var good = Model("good", shift: 0);
        using var twin = Model("twin", shift: 0);
        using var bad = Model("bad", shift: 7);

        var first = Promotion.Run(test, bad, null, new PromotionOptions(), 17, 1, cancellationToken: Token);
        Assert.Equal((PromotionVerdict.First, null), (first.Verdict, first.Comparison));
        var better = Promotion.Run(test, good, bad, new PromotionOptions(), 17, 1, cancellationToken: Token);
        Assert.Equal((PromotionVerdict.Promote, 1.0, 40), (better.Verdict, better.CandidateMean, better.Queries));
        Assert.StartsWith("replaced the current model, the candidate is not worse: ndcg@10 1.0000 against ", better.Reason, StringComparison.Ordinal);
        var worse = Promotion.Run(test, bad, good, new PromotionOptions(), 17, 1, cancellationToken: Token);
        Assert.Equal(PromotionVerdict.Keep, worse.Verdict);
        Assert.StartsWith("kept the current model, the candidate is worse: ", worse.Reason, StringComparison.Ordinal);
        Assert.True(worse.Comparison!.PWorse < 0.001, worse.Reason);

        // As good is good enough; so is a loss within the margin.
        Assert.Equal(PromotionVerdict.Promote, Promotion.Run(test, twin, good, new PromotionOptions(), 17, 1, cancellationToken: Token).Verdict);
        Assert.Equal(PromotionVerdict.Promote, Promotion.Run(test, bad, good, new PromotionOptions { Margin = 1 }, 17, 1, cancellationToken: Token).Verdict);
        Assert.Equal(PromotionVerdict.Same, Promotion.Run(test, good, good, new PromotionOptions(), 17, 1, cancellationToken: Token).Verdict);
    }

    [Fact]
    public void Run_KeepsTheCurrentModel_WhenTooFewQueriesCouldTell()
    {
        using var good = Model("good", shift: 0);
        using var bad = Model("bad", shift: 7);
        var decision = Promotion.Run(Collection(5), good, bad, new PromotionOptions(), 17, 1, cancellationToken: Token);
        Assert.Equal(PromotionVerdict.Keep, decision.Verdict);
        Assert.Contains("5 queries are fewer than the 10", decision.Reason, StringComparison.Ordinal);
        Assert.Contains("No held-out query", Assert.Throws<TrainerException>(() => Promotion.Run(Collection(0), good, bad, new PromotionOptions(), 17, 1, cancellationToken: Token)).Message, StringComparison.Ordinal);
    }

    // Query i is word i, document i is word i + 20: the good model gives both the same vector.
    static RetrievalCollection Collection(int queries) => new(
        [.. Enumerable.Range(0, 40).Select(i => new EvaluationDocument($"d{i}", $"{Words[i]} {Words[i]}"))],
        [.. Enumerable.Range(0, queries).Select(i => new Query($"q{i}", Words[i]))],
        [.. Enumerable.Range(0, queries).Select(i => new Qrel($"q{i}", $"d{i}", 1))]);

    // A query side of its own, shifted: with 0 it is the passages' side.
    static EmbeddingModel Model(string digest, int shift)
    {
        const int D = 40;
        var encoder = StaticEncoder.From(Pieces.Length, D, QuerySide.Table, (name, shape) =>
        {
            var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            if (shape.Length == 2)
            {
                for (var w = 0; w < Words.Length; w++)
                {
                    values[((w + 5) * D) + ((name == StaticEncoder.QueryTable ? w + shift : w) % D)] = 1;
                }
            }

            return values;
        });
        var config = new ModelConfig
        {
            ModelType = encoder.Type,
            Dimensions = D,
            VocabularySize = Pieces.Length,
            Pooling = "weighted_mean",
            Normalize = true,
            QuerySide = QuerySide.Table,
            QueryLength = 8,
            PassageLength = 8,
        };
        return new EmbeddingModel(config, new WordPieceTokenizer(WordPieceModel.Bert(Pieces, new WordPieceSettings())), encoder, digest);
    }
}
