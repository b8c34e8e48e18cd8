using DataPrep;
using DataPrep.Text;
using Trainer.Training;

namespace Trainer.Tests.Training;

/// <summary>Rows with a structure that can be learned: a passage of topic t has words of t, its query other words of t.</summary>
static class SyntheticRows
{
    /// <summary>Builds rows with three hard negatives each; some passages share a cluster, some queries repeat.</summary>
    public static TrainingSet Build(int rows, int vocabulary) =>
        TrainingSet.Build([Shard(rows, vocabulary)], new NumberTokenizer(vocabulary), 16, 64, 1, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The rows as a shard.</summary>
    public static (IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages) Shard(int rows, int vocabulary)
    {
        var random = new SplitMix64(99);
        var passages = Enumerable.Range(0, rows).Select(i => new ShardPassage(i, $"d{i}", Text(i, 30), $"c{i - (i % 9 == 8 ? 1 : 0)}")).ToList();
        var training = Enumerable.Range(0, rows).Select(i => new TrainingRow(
            i, $"q{i}", Text(i % 11 == 10 ? i - 1 : i, 5), $"d{i}", i % 13 == 12 ? Text(i, 20) : null, i, [(i + 1) % rows, (i + 5) % rows, random.Below(rows)],
            "title", "synthetic", i, "bm25", "", 0)).ToList();
        return (training, passages);

        // Half the words are of the row's topic, half are common.
        string Text(int row, int words)
        {
            var topic = row * 37 % (vocabulary - 100);
            return string.Join(' ', Enumerable.Range(0, words).Select(w => w % 2 == 0 ? topic + random.Below(8) : random.Below(100) + vocabulary - 100));
        }
    }

    /// <summary>Words are their own ids.</summary>
    public sealed class NumberTokenizer(int vocabulary) : ITokenizer
    {
        public int VocabularySize => vocabulary;

        public int PadId => 0;

        public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true) =>
            text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(maxLength).Select(int.Parse).ToArray();
    }
}
