using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A checked batch of texts end to end, with each token's position: what a forward pass without padding reads.</summary>
sealed class PackedBatch
{
    PackedBatch(TokenBatch batch, long[] starts, long[] positions) => (Ids, Types, Starts, Positions) = (batch.Ids, batch.Types, starts, positions);

    /// <summary>Token ids, (T).</summary>
    public long[] Ids { get; }

    /// <summary>Token types, (T); null where all are 0.</summary>
    public long[]? Types { get; }

    /// <summary>Where each text starts, and T, (B + 1).</summary>
    public long[] Starts { get; }

    /// <summary>Rows of the position table, or what positions are rotated by, (T).</summary>
    public long[] Positions { get; }

    /// <summary>Number of texts, B.</summary>
    public int Count => Starts.Length - 1;

    /// <summary>Tokens of the longest text, L.</summary>
    public long Width => Enumerable.Range(0, Count).Max(i => Starts[i + 1] - Starts[i]);

    /// <summary>Checks a batch against a model and numbers its tokens as Hugging Face's models do.</summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id or type is outside its table.</exception>
    /// <exception cref="ArgumentException">The batch is empty, a text has no token, or types and ids differ in number.</exception>
    public static PackedBatch From(TokenBatch batch, TransformerConfig config)
    {
        var starts = new long[batch.Count + 1];
        batch.Offsets.CopyTo(starts, 0);
        starts[^1] = batch.Ids.LongLength;
        for (var i = 0; i < batch.Count; i++)
        {
            if (starts[i + 1] <= starts[i])
            {
                throw new ArgumentException("A batch needs a text, and every text at least one token: tokenise with special tokens.", nameof(batch));
            }

            if (starts[i + 1] - starts[i] > config.MaxLength)
            {
                throw new TrainerException($"A text has {starts[i + 1] - starts[i]} tokens; the model has positions for {config.MaxLength}. Truncate to that, special tokens included.");
            }
        }

        if (batch.Count == 0 || starts[0] != 0)
        {
            throw new ArgumentException("A batch needs a text, and the first one at 0.", nameof(batch));
        }

        if (batch.Types is { } types && types.LongLength != batch.Ids.LongLength)
        {
            throw new ArgumentException($"A batch of {batch.Ids.LongLength} tokens has {types.LongLength} token types; expected one each.", nameof(batch));
        }

        if (batch.Ids.FirstOrDefault(id => id < 0 || id >= config.VocabularySize) is var stray and not 0)
        {
            throw new TrainerException($"A batch holds the token id {stray}; the model has {config.VocabularySize} tokens (vocab_size). Tokenise with the model's own tokenizer.");
        }

        if (batch.Types?.FirstOrDefault(type => type < 0 || type >= config.TokenTypes) is { } other and not 0)
        {
            throw new TrainerException($"A batch holds the token type {other}; the model has {config.TokenTypes} of them (type_vocab_size), counted from 0.");
        }

        return new PackedBatch(batch, starts, Number(batch.Ids, starts, config));
    }

    /// <summary>How attention that takes padded texts sees them; null where all are of one length, which needs no copy.</summary>
    /// <returns>Row of each place, (B L), padding showing its text's first token; place of each row, (T); what may be looked at, (B, 1, 1, L) of Bool.</returns>
    public (Tensor Rows, Tensor Places, Tensor Visible)? Padding(Device device)
    {
        var (width, total) = (Width, Ids.LongLength);
        if (Count * width == total)
        {
            return null;
        }

        var (rows, places, visible) = (new long[Count * width], new long[total], new bool[Count * width]);
        for (var i = 0; i < Count; i++)
        {
            for (long t = 0, at = i * width; t < width; t++, at++)
            {
                visible[at] = t < Starts[i + 1] - Starts[i];
                rows[at] = Starts[i] + (visible[at] ? t : 0);
                if (visible[at])
                {
                    places[rows[at]] = at;
                }
            }
        }

        return (tensor(rows).OnDevice(device), tensor(places).OnDevice(device), tensor(visible, [Count, 1, 1, width]).OnDevice(device));
    }

    // BERT and ModernBERT count from 0. XLM-RoBERTa counts the tokens that are not the padding token from its id plus one; a padding token has its own id as position.
    static long[] Number(long[] ids, long[] starts, TransformerConfig config)
    {
        var positions = new long[ids.LongLength];
        for (var i = 0; i + 1 < starts.Length; i++)
        {
            var next = config.ModelType == TransformerConfig.XlmRoberta ? config.PadTokenId + 1L : 0;
            for (var t = starts[i]; t < starts[i + 1]; t++)
            {
                var skipped = config.ModelType == TransformerConfig.XlmRoberta && ids[t] == config.PadTokenId;
                positions[t] = skipped ? config.PadTokenId : next++;
            }
        }

        return positions;
    }
}
