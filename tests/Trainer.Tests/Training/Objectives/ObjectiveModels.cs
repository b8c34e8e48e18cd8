using DataPrep;
using DataPrep.Text.WordPiece;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Training;

namespace Trainer.Tests.Training.Objectives;

/// <summary>Small models and texts for tests of objectives, and their gradients as arrays.</summary>
static class ObjectiveModels
{
    public const int Vocabulary = 60;

    /// <summary>Two layers of width 16; ids 0 to 4 are special.</summary>
    public static TransformerConfig Config(string type = TransformerConfig.Bert, double dropout = 0) => new()
    {
        ModelType = type,
        VocabularySize = Vocabulary,
        HiddenSize = 16,
        Layers = 2,
        Heads = 2,
        IntermediateSize = 32,
        MaxPositions = 48,
        TokenTypes = type == TransformerConfig.Bert ? 2 : 1,
        PadTokenId = type == TransformerConfig.XlmRoberta ? 1 : 0,
        LayerNormEpsilon = 1e-12,
        HiddenDropout = dropout,
        AttentionDropout = dropout,
        InitializerRange = 0.4,
        Modern = type == TransformerConfig.ModernBert ? new ModernBertShape { Window = 8 } : null,
    };

    /// <summary>Texts of 2 to 12 ordinary ids between 2 and 3, which stand for [CLS] and [SEP].</summary>
    public static TokenStore Texts(int count, ulong seed)
    {
        var random = new SplitMix64(seed);
        var texts = Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 2 + random.Below(11)).Select(_ => 5 + random.Below(Vocabulary - 5)))).ToList();
        return TokenStore.Tokenize([.. texts.Select(text => $"2 {text} 3")], new SyntheticRows.NumberTokenizer(Vocabulary), 64, true, 1, TestContext.Current.CancellationToken);
    }

    /// <summary>BERT's tokenizer of <see cref="Vocabulary"/> entries: [PAD], [UNK], [CLS], [SEP], [MASK], then words w5, w6, ...</summary>
    public static WordPieceTokenizer Tokenizer() =>
        new(WordPieceModel.Bert(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(5, Vocabulary - 5).Select(id => $"w{id}")], new WordPieceSettings()));

    /// <summary>Rows with 0 to 4 hard negatives each; with a teacher all but each third row's pairs have scores, and of those all but a few.</summary>
    public static TrainingSet Rows(int rows, bool specialTokens = false, bool teacher = false)
    {
        var random = new SplitMix64(21);
        var passages = Enumerable.Range(0, rows).Select(i => new ShardPassage(i, $"d{i}", Words(4 + random.Below(10)), $"c{i}")).ToList();
        var training = Enumerable.Range(0, rows).Select(i => new TrainingRow(
            i, $"q{i}", Words(2 + random.Below(4)), $"d{i}", null, i, [.. Enumerable.Range(1, (i + 3) % 5).Select(n => (long)((i + n) % rows))], "title", "synthetic", i, "bm25", "", 0)).ToList();
        return TrainingSet.Build([(training, passages)], Tokenizer(), 16, 32, 1, specialTokens: specialTokens, scores: teacher ? Scores() : null, cancellationToken: TestContext.Current.CancellationToken);

        TeacherScores Scores() => TeacherScores.From(training.Where(row => row.Ordinal % 3 != 0).SelectMany(row => row.NegativePassages.Prepend(row.Ordinal)
            .Where(doc => (row.Ordinal + doc) % 7 != 3).Select(doc => new TeacherScore(row.QueryId, $"d{doc}", (float)(Math.Sin(row.Ordinal + (2 * doc)) * 3)))));

        string Words(int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{5 + random.Below(Vocabulary - 5)}"));
    }

    /// <summary>The gradients, which are cleared.</summary>
    public static float[][] TakeGradients(IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        var all = parameters.Select(p => p.Value.grad is { } grad ? grad.cpu().data<float>().ToArray() : new float[p.Value.numel()]).ToArray();
        foreach (var (_, value) in parameters)
        {
            value.grad = null;
        }

        return all;
    }

    /// <summary>|a - b| over |b|, of all values as one vector.</summary>
    public static double Distance(float[][] a, float[][] b)
    {
        var pairs = a.SelectMany(x => x).Zip(b.SelectMany(x => x)).ToList();
        return Math.Sqrt(pairs.Sum(p => Math.Pow((double)p.First - p.Second, 2)) / pairs.Sum(p => Math.Pow(p.Second, 2)));
    }
}
