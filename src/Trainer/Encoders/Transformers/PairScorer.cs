using DataPrep.Text;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>
/// A cross-encoder's scores of pairs as they come, in bounded memory: a teacher's scores of mined candidates, or a ranking of few. The score is the logit; of a model with two labels how much the
/// second exceeds the first (the logarithm of the odds).
/// </summary>
public sealed class PairScorer
{
    // Pairs that are sorted by length together, tokens of a batch, and tokens below which matrix libraries take other ways, whose last bits differ.
    const int Window = 4096;
    const int BatchTokens = 8192;
    const int SteadyTokens = 1024;

    readonly CrossEncoder _encoder;
    readonly ITokenizer _tokenizer;
    readonly int _maxLength;

    /// <param name="encoder">The cross-encoder; the caller's to dispose.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="maxLength">Tokens kept of a pair, the longer text cut first; null for as many as the model has positions.</param>
    /// <exception cref="TrainerException">The model has more than two labels, fewer positions, or fewer entries than the tokenizer.</exception>
    public PairScorer(CrossEncoder encoder, ITokenizer tokenizer, int? maxLength = null)
    {
        if (encoder.Labels > 2)
        {
            throw new TrainerException($"The cross-encoder has {encoder.Labels} labels; expected 1, a score, or 2, of which the second is relevance.");
        }

        encoder.Transformer.RequireVocabulary(tokenizer.VocabularySize, "The cross-encoder");
        (_encoder, _tokenizer, _maxLength) = (encoder, tokenizer, maxLength ?? encoder.Config.MaxLength);
        if (_maxLength > encoder.Config.MaxLength)
        {
            throw new TrainerException($"Pairs of {_maxLength} tokens were asked for; the cross-encoder has positions for {encoder.Config.MaxLength}.");
        }
    }

    /// <summary>Scores pairs, in their order. Equal pairs in equal order give equal bits.</summary>
    /// <param name="pairs">What a pair is known by, its query and its passage; read as scores are asked for.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public IEnumerable<(T Key, float Score)> Score<T>(IEnumerable<(T Key, string Query, string Passage)> pairs, CancellationToken cancellationToken = default)
    {
        foreach (var window in pairs.Chunk(Window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scores = Score([.. window.Select(p => _tokenizer.EncodePair(p.Query, p.Passage, _maxLength))], cancellationToken);
            for (var i = 0; i < window.Length; i++)
            {
                yield return (window[i].Key, scores[i]);
            }
        }
    }

    /// <summary>Scores pairs of ids, in their order.</summary>
    /// <param name="pairs">The pairs, special tokens included.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public float[] Score(IReadOnlyList<TokenPair> pairs, CancellationToken cancellationToken = default)
    {
        _encoder.Training = false;
        var scores = new float[pairs.Count];
        var order = Enumerable.Range(0, pairs.Count).OrderByDescending(i => pairs[i].Ids.Length).ThenBy(i => i).ToArray();
        for (int start = 0, count; start < order.Length; start += count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            count = Math.Clamp(BatchTokens / pairs[order[start]].Ids.Length, 1, order.Length - start);
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            var logits = _encoder.Forward(_encoder.Batch(Filled([.. order.AsSpan(start, count).ToArray().Select(i => pairs[i])])));
            var found = (_encoder.Labels == 1 ? logits.select(1, 0) : logits.select(1, 1) - logits.select(1, 0)).cpu().contiguous().data<float>().ToArray();
            for (var i = 0; i < count; i++)
            {
                scores[order[start + i]] = found[i];
            }
        }

        return scores;
    }

    static List<TokenPair> Filled(List<TokenPair> pairs)
    {
        var (had, count) = (pairs.Sum(p => p.Ids.Length), pairs.Count);
        for (var at = 0; had < SteadyTokens; at++)
        {
            pairs.Add(pairs[at % count]);
            had += pairs[at % count].Ids.Length;
        }

        return pairs;
    }
}
