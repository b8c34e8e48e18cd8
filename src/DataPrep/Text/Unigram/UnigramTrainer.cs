using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>
/// Trains a Unigram vocabulary as SentencePiece does (Kudo 2018): frequent substrings, then expectation and maximization with pruning by loss. The ids are laid out as XLM-R's. The same texts
/// and options give the same vocabulary, whatever the order of the texts and the number of threads.
/// </summary>
public static class UnigramTrainer
{
    /// <summary>Number of special tokens: &lt;s&gt; 0, &lt;pad&gt; 1, &lt;/s&gt; 2, &lt;unk&gt; 3, and &lt;mask&gt; as the last entry.</summary>
    internal const int SpecialTokens = 5;

    const int ScoreDigits = 9;

    // Pieces are pruned to a little more than the vocabulary holds; the last cut is by score.
    const double Spare = 1.1;

    /// <summary>Trains and returns a tokenizer.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="threads">Threads; the result does not depend on it.</param>
    /// <param name="progress">Documents counted, then pieces left.</param>
    /// <param name="cancellationToken">Stops between batches of texts and of words.</param>
    /// <exception cref="DataPrepException">An option is out of range, the texts have no words, or their alphabet is larger than the vocabulary.</exception>
    public static UnigramTokenizer Train(
        IEnumerable<string> texts, UnigramTrainerOptions? options = null, int threads = 1, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new UnigramTrainerOptions();
        options.Validate();
        var model = Model([]);
        var segments = TextCounter.Count(texts, () => new SegmentCounter(model), threads, progress, cancellationToken);
        if (segments.Count == 0)
        {
            throw new DataPrepException("No word to train a vocabulary on: every text is empty or holds only white space and control characters. Expected texts with words.");
        }

        var words = TrainingWords.Of(segments, model.Mark, options.CharacterCoverage);
        var size = options.VocabularySize - SpecialTokens;
        if (words.Alphabet.Count > size)
        {
            throw new DataPrepException(
                $"The {words.Alphabet.Count} characters of the alphabet and {SpecialTokens} special tokens need more than the {options.VocabularySize} entries of the vocabulary. Raise the vocabulary size or lower the character coverage.");
        }

        var pieces = new SeedPieces(words, model.Mark, options.MaxPieceLength).Find(options.SeedSize, cancellationToken);
        var rounds = new UnigramRounds(words, threads, cancellationToken);
        var enough = (int)(size * Spare);
        while (true)
        {
            for (var i = 0; i < options.SubIterations; i++)
            {
                pieces = rounds.Maximize(pieces);
                progress?.Report(new StageProgress(size, pieces.Count, "pieces", "pruning"));
            }

            if (pieces.Count <= enough)
            {
                break;
            }

            pieces = rounds.Prune(pieces, Math.Max(enough, (int)(pieces.Count * options.ShrinkingFactor)));
        }

        return new UnigramTokenizer(Model(Choose(pieces, words, size)));
    }

    // Every character of the alphabet, and the likeliest of the others; by score.
    static List<UnigramPiece> Choose(List<UnigramPiece> pieces, TrainingWords words, int size)
    {
        var known = pieces.ToDictionary(static piece => piece.Text, static piece => piece.Score, StringComparer.Ordinal);
        var least = pieces.Select(static piece => piece.Score).DefaultIfEmpty().Min();
        var chosen = new List<UnigramPiece>();
        foreach (var (character, _) in words.Alphabet.OrderByDescending(static c => c.Count).ThenBy(static c => c.Character, StringComparer.Ordinal))
        {
            // Characters that no way needs come after all others, each a little less likely than the one before.
            chosen.Add(new UnigramPiece(character, known.TryGetValue(character, out var score) ? score : least -= 0.0001));
        }

        var alphabet = chosen.Select(static piece => piece.Text).ToHashSet(StringComparer.Ordinal);
        var others = pieces.Where(piece => !alphabet.Contains(piece.Text)).OrderByDescending(static piece => piece.Score).ThenBy(static piece => piece.Text, StringComparer.Ordinal);
        chosen.AddRange(others.Take(size - chosen.Count));

        // Few digits: every reader of JSON finds the same number in them.
        return [.. chosen.Select(static piece => piece with { Score = Math.Round(piece.Score, ScoreDigits) })
            .OrderByDescending(static piece => piece.Score).ThenBy(static piece => piece.Text, StringComparer.Ordinal)];
    }

    static UnigramModel Model(List<UnigramPiece> pieces)
    {
        UnigramPiece[] all = [new("<s>", 0), new("<pad>", 0), new("</s>", 0), new("<unk>", 0), .. pieces, new("<mask>", 0)];
        return new UnigramModel
        {
            Pieces = all,
            UnknownId = 3,
            AddedTokens = [.. Enumerable.Range(0, 4).Select(id => new AddedToken(id, all[id].Text)), new AddedToken(all.Length - 1, "<mask>", LeftStrip: true)],
            Single = new TokenTemplate([0], [], [2]),
            Pair = new TokenTemplate([0], [2, 2], [2]),
            Normalizers = [new NmtNormalizer(), new FormNormalizer(UnicodeForm.Nfkc), new ReplaceNormalizer(null, " "), new StripNormalizer(true, true)],
        };
    }
}
