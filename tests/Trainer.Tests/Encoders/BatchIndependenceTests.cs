using DataPrep.Text.WordPiece;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Encoders;

/// <summary>An embedding depends on its text alone: that is why vectors of an earlier run may stand beside new ones.</summary>
[Collection(TorchCollection.Name)]
public sealed class BatchIndependenceTests
{
    static readonly string[] Words = [.. Enumerable.Range(0, 400).Select(i => $"w{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}")];

    [Theory]
    [InlineData(64, Precision.Fp32)]
    [InlineData(64, Precision.Bf16)]
    [InlineData(96, Precision.Fp32)]
    [InlineData(384, Precision.Fp32)]
    [InlineData(384, Precision.Bf16)]
    public void Encode_GivesATextTheSameBits_WhateverItsBatch_WithATransformer(int width, Precision precision)
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        var random = new Random(width);
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words];
        var shape = new TransformerOptions { Layers = 2, HiddenSize = width, Heads = width / 32, IntermediateSize = 4 * width, MaxLength = 128 };
        using var encoder = new PooledTransformer(TransformerEncoder.Create(shape.ToConfig(pieces.Length, 0), 3), PoolingMode.Mean) { Precision = precision };
        var config = new ModelConfig { ModelType = encoder.Type, Dimensions = width, VocabularySize = pieces.Length, Pooling = "mean", Normalize = true, QueryLength = 64, PassageLength = 128 };
        using var model = new EmbeddingModel(config, new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings())), encoder);
        (string Id, string Text)[] texts = [.. Enumerable.Range(0, 120).Select(i => ($"t{i}", string.Join(' ', Enumerable.Range(0, random.Next(0, i % 7 == 0 ? 130 : 40)).Select(_ => Words[random.Next(Words.Length)]))))];
        var whole = Vectors(texts, 4096);
        foreach (var (name, other) in new[] { ("alone", Vectors(texts[..12], 1)), ("by 7", Vectors(texts[40..80], 7)), ("reversed", Vectors([.. texts.Reverse()], 33)) })
        {
            Assert.All(other, pair => Assert.True(whole[pair.Key].AsSpan().SequenceEqual(pair.Value), $"{pair.Key} {name}"));
        }

        Dictionary<string, int[]> Vectors((string Id, string Text)[] input, int batch) =>
            CorpusEncoder.Run(model, input, TextRole.Passage, 2, batchSize: batch, cancellationToken: TestContext.Current.CancellationToken)
                .ToDictionary(e => e.Id, e => Array.ConvertAll(e.Vector, BitConverter.SingleToInt32Bits));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(333)]
    public void Encode_GivesATextTheSameBits_WhateverItsBatch(int dimensions)
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        var random = new Random(dimensions);
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Words];
        var weights = pieces.Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray();
        using var encoder = StaticEncoder.Create(pieces.Length, new StaticEncoderOptions { Dimensions = dimensions, QuerySide = QuerySide.Weights }, 5, pieces, weights);
        using var model = new EmbeddingModel(
            new ModelConfig
            {
                ModelType = encoder.Type,
                Dimensions = dimensions,
                VocabularySize = pieces.Length,
                Pooling = "weighted_mean",
                Normalize = true,
                QuerySide = QuerySide.Weights,
                QueryLength = 400,
                PassageLength = 400,
            }, new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings())), encoder);
        (string Id, string Text)[] texts = [.. Enumerable.Range(0, 300).Select(i => ($"t{i}", string.Join(' ', Enumerable.Range(0, random.Next(0, i % 7 == 0 ? 350 : 60)).Select(_ => Words[random.Next(Words.Length)]))))];
        foreach (var role in new[] { TextRole.Passage, TextRole.Query })
        {
            var whole = Vectors(texts, 4096, threads: 1);
            var alone = Vectors(texts, 1, threads: 2);
            var reversed = Vectors([.. texts.Reverse()], 17, threads: 2);
            foreach (var (id, vector) in whole)
            {
                Assert.Equal(vector, alone[id]);
                Assert.Equal(vector, reversed[id]);
            }

            Dictionary<string, int[]> Vectors((string Id, string Text)[] input, int batch, int threads) =>
                CorpusEncoder.Run(model, input, role, threads, batchSize: batch, cancellationToken: TestContext.Current.CancellationToken)
                    .ToDictionary(e => e.Id, e => Array.ConvertAll(e.Vector, BitConverter.SingleToInt32Bits));
        }
    }
}
