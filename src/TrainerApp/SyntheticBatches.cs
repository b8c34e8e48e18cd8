using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Training;

namespace TrainerApp;

/// <summary>Batches of made-up texts of given lengths, drawn from a seed.</summary>
static class SyntheticBatches
{
    /// <summary>Texts of ids above the special ones, each of a length from <paramref name="shortest"/> to <paramref name="longest"/>.</summary>
    public static TokenBatch Texts(int count, int shortest, int longest, int vocabulary, ref SplitMix64 random)
    {
        var (ids, offsets) = (new List<long>(count * longest), new long[count]);
        for (var i = 0; i < count; i++)
        {
            offsets[i] = ids.Count;
            var length = shortest + random.Below(longest - shortest + 1);
            for (var t = 0; t < length; t++)
            {
                ids.Add(5 + random.Below(vocabulary - 5));
            }
        }

        return new TokenBatch([.. ids], offsets);
    }

    /// <summary>A batch of pairs with hard negatives, none of them excluded.</summary>
    public static TrainBatch Pairs(int count, int negatives, (int Shortest, int Longest) query, (int Shortest, int Longest) passage, int vocabulary, long seed, string stream)
    {
        var random = new SplitMix64(SplitMix64.Key(seed, stream));
        var queries = Texts(count, query.Shortest, query.Longest, vocabulary, ref random);
        var passages = Texts(count * (1 + negatives), passage.Shortest, passage.Longest, vocabulary, ref random);
        return new TrainBatch(queries, passages, new bool[(long)count * count * (1 + negatives)]);
    }

    /// <summary>A BERT of a shape.</summary>
    public static TransformerConfig Bert(int hidden, int layers, int heads, int intermediate, int vocabulary, int positions, double dropout) => new()
    {
        ModelType = TransformerConfig.Bert,
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        Layers = layers,
        Heads = heads,
        IntermediateSize = intermediate,
        MaxPositions = positions,
        PadTokenId = 0,
        HiddenDropout = dropout,
        AttentionDropout = dropout,
    };
}
