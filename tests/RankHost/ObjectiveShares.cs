using System.Globalization;
using DataPrep;
using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Caching;
using Trainer.Training.Distributed;
using Trainer.Training.Guides;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace RankHost;

/// <summary>A step of a contrastive objective with a guide and ragged negatives, by all ranks and by this one alone.</summary>
static class ObjectiveShares
{
    const int Rows = 11, Vocabulary = 50;

    /// <summary>Prints the relative difference in the loss and in the gradients of all parameters.</summary>
    public static int Run(DistributedContext context)
    {
        using var scope = NewDisposeScope();
        var (value, expected) = Step(null);
        var (shared, found) = Step(context);
        var apart = expected.Zip(found, (e, f) => (e - f).square().sum().ToDouble()).Sum() / expected.Sum(e => e.square().sum().ToDouble());
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(shared - value) / value} {Math.Sqrt(apart)}"));
        return 0;
    }

    static (double Loss, List<Tensor> Gradients) Step(DistributedContext? context)
    {
        var passages = Enumerable.Range(0, Rows + 7).Select(i => new ShardPassage(i, $"d{i}", Words(i, 3 + (i % 6)), $"c{i}")).ToList();
        var rows = Enumerable.Range(0, Rows).Select(i => new TrainingRow(
            i, $"q{i}", Words(i + 100, 1 + (i % 4)), $"d{i}", null, i, [.. Enumerable.Range(0, i % 4).Select(n => (long)(Rows + ((i + n) % 7)))], "title", "made", i, "bm25", "", 0)).ToList();
        var set = TrainingSet.Build([(rows, passages)], new Numbers(), 16, 64, 1);
        using var encoder = StaticEncoder.Create(Vocabulary, new StaticEncoderOptions { Dimensions = 8, QuerySide = QuerySide.Weights }, 3);
        var loss = LossTable.Create(new LossOptions { Kind = LossKind.Gist, Temperature = 0.1 });
        using var objective = new ContrastiveObjective(encoder, loss, set, 3, CPU, new GradientCacheOptions { MiniBatch = 4, KeepGraphs = 1 }, new Waves()) { Ranks = context ?? DistributedContext.Single };
        var result = objective.Backward(new StepRequest(5, 2, 2, 0, [.. Enumerable.Range(0, Rows)], 4));
        new GradientReduction(context ?? DistributedContext.Single, encoder.Parameters).Sum();
        return (result.Loss, [.. encoder.Parameters.Select(p => p.Value.grad ?? zeros_like(p.Value).clone())]);
    }

    static string Words(int seed, int count) => string.Join(' ', Enumerable.Range(0, count).Select(w => 1 + (((seed * 31) + (w * 17)) % (Vocabulary - 1))));

    /// <summary>Words are their own ids.</summary>
    sealed class Numbers : ITokenizer
    {
        public int VocabularySize => Vocabulary;

        public int PadId => 0;

        public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true) =>
            [.. text.Split(' ').Take(maxLength).Select(w => int.Parse(w, CultureInfo.InvariantCulture))];
    }

    /// <summary>A guide that tells texts apart by their number.</summary>
    sealed class Waves : IGuide
    {
        public string Digest => "waves";

        public int Dimensions => 4;

        public Tensor Embed(TextRole role, ReadOnlySpan<int> texts) => tensor(
            [.. texts.ToArray().SelectMany(t => Enumerable.Range(0, Dimensions).Select(k => (float)Math.Sin((t * 1.3) + (k * 2.1))))], [texts.Length, Dimensions]);

        public void Dispose()
        {
        }
    }
}
