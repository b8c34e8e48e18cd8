namespace DataPrep.Text;

/// <summary>Many texts at once, for every tokenizer.</summary>
public static class TokenizerBatches
{
    /// <summary>Ids of many texts, in their order; the same as <see cref="ITokenizer.Encode"/> of each.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="maxLength">Most ids per text, special tokens included.</param>
    /// <param name="threads">Threads; the ids do not depend on it.</param>
    /// <param name="addSpecialTokens">Adds the special tokens of the template.</param>
    /// <param name="cancellationToken">Stops between texts.</param>
    public static int[][] EncodeAll(
        this ITokenizer tokenizer, IReadOnlyList<string> texts, int maxLength = int.MaxValue, int threads = 1, bool addSpecialTokens = true, CancellationToken cancellationToken = default)
    {
        var ids = new int[texts.Count][];
        if (threads == 1)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ids[i] = tokenizer.Encode(texts[i], maxLength, addSpecialTokens);
            }

            return ids;
        }

        Workers.For(texts.Count, threads, i => ids[i] = tokenizer.Encode(texts[i], maxLength, addSpecialTokens), cancellationToken);
        return ids;
    }
}
