using DataPrep.Text;

namespace Trainer.Encoders;

/// <summary>Texts as token ids: tokenised once, kept in one array of 32-bit ids.</summary>
public sealed class TokenStore
{
    const int Chunk = 512;
    const int MaxBatch = 4096;

    readonly int[] _ids;
    readonly long[] _starts;

    TokenStore(int[] ids, long[] starts) => (_ids, _starts) = (ids, starts);

    /// <summary>Number of texts.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Number of tokens of all texts.</summary>
    public long Tokens => _starts[^1];

    /// <summary>Ids of a text.</summary>
    public ReadOnlySpan<int> this[int index] => _ids.AsSpan((int)_starts[index], (int)(_starts[index + 1] - _starts[index]));

    /// <summary>Tokenises texts in parallel; the result does not depend on the number of threads.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="maxLength">Tokens kept of a text, special ones included.</param>
    /// <param name="specialTokens">Whether special tokens are added, as the encoder reads them.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static TokenStore Tokenize(IReadOnlyList<string> texts, ITokenizer tokenizer, int maxLength, bool specialTokens, int threads, CancellationToken cancellationToken = default)
    {
        var tokens = new int[texts.Count][];
        var chunks = (texts.Count + Chunk - 1) / Chunk;
        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, chunk =>
        {
            for (var i = chunk * Chunk; i < Math.Min(texts.Count, (chunk + 1) * Chunk); i++)
            {
                tokens[i] = tokenizer.Encode(texts[i], maxLength, specialTokens);
            }
        });

        var starts = new long[texts.Count + 1];
        for (var i = 0; i < tokens.Length; i++)
        {
            starts[i + 1] = starts[i] + tokens[i].Length;
        }

        // One array bounds the corpus at 2^31 tokens: 8 GB of ids, far beyond what fits one training process's memory otherwise.
        var ids = new int[starts[^1]];
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i].CopyTo(ids, starts[i]);
        }

        return new TokenStore(ids, starts);
    }

    /// <summary>
    /// Per token the logarithm of its inverse document frequency over these texts, scaled to mean one: ln(idf_t / mean idf), idf = ln(1 + (N - df + 0.5) / (df + 0.5)).
    /// </summary>
    /// <param name="vocabularySize">Number of tokens.</param>
    public float[] LogInverseFrequencies(int vocabularySize)
    {
        var frequency = new int[vocabularySize];
        var seen = new int[vocabularySize];
        for (var i = 0; i < Count; i++)
        {
            foreach (var id in this[i])
            {
                frequency[id] += seen[id] == i + 1 ? 0 : 1;
                seen[id] = i + 1;
            }
        }

        var idf = frequency.Select(df => Math.Log(1 + ((Count - df + 0.5) / (df + 0.5)))).ToArray();
        var mean = idf.Sum() / idf.Length;
        return idf.Select(value => (float)Math.Log(Math.Max(value / mean, 1e-3))).ToArray();
    }

    /// <summary>Ids of all texts, end to end.</summary>
    internal int[] Ids => _ids;

    /// <summary>Where each text starts, and behind the last where it ends.</summary>
    internal long[] Starts => _starts;

    /// <summary>A store of ids that were tokenised before.</summary>
    internal static TokenStore From(int[] ids, long[] starts) => new(ids, starts);

    /// <summary>
    /// All texts in batches of like length, the longest first (memory is at its worst at once): as many texts as have at most <paramref name="tokens"/> tokens, and at least one.
    /// </summary>
    public IEnumerable<int[]> Batches(int tokens)
    {
        var order = Enumerable.Range(0, Count).OrderByDescending(i => this[i].Length).ThenBy(i => i).ToArray();
        for (var start = 0; start < order.Length;)
        {
            var count = Math.Clamp(tokens / Math.Max(1, this[order[start]].Length), 1, Math.Min(MaxBatch, order.Length - start));
            yield return order[start..(start + count)];
            start += count;
        }
    }

    /// <summary>A batch with its texts repeated behind it, in turn, until it has at least so many tokens; unchanged where it has them, or has none at all.</summary>
    public int[] Filled(int[] rows, int tokens)
    {
        long had = rows.Sum(r => (long)this[r].Length);
        if (had == 0)
        {
            return rows;
        }

        var filled = rows.ToList();
        for (var at = 0; had < tokens; at++)
        {
            filled.Add(rows[at % rows.Length]);
            had += this[rows[at % rows.Length]].Length;
        }

        return [.. filled];
    }

    /// <summary>Puts texts together into a batch, in the order given.</summary>
    public TokenBatch Gather(ReadOnlySpan<int> rows)
    {
        var offsets = new long[rows.Length];
        long total = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            offsets[i] = total;
            total += this[rows[i]].Length;
        }

        var ids = new long[total];
        for (var i = 0; i < rows.Length; i++)
        {
            var at = offsets[i];
            foreach (var id in this[rows[i]])
            {
                ids[at++] = id;
            }
        }

        return new TokenBatch(ids, offsets);
    }
}
