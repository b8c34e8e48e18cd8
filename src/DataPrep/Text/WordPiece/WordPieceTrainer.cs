using System.Text;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// Trains a WordPiece vocabulary as Hugging Face's WordPieceTrainer does: byte-pair merges by frequency (Sennrich et al., 2016) over characters, those that go on a word marked "##".
/// The same texts and options give the same vocabulary, whatever the order of the texts and the number of threads: the alphabet is in code point order, equal counts are merged by
/// smaller ids first.
/// </summary>
public static class WordPieceTrainer
{
    /// <summary>Trains and returns a tokenizer with [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="threads">Threads that count words; the result does not depend on it.</param>
    /// <param name="progress">Documents counted, then pieces learned.</param>
    /// <param name="cancellationToken">Stops between chunks of texts and between merges.</param>
    /// <exception cref="DataPrepException">An option is out of range, or the texts have no words.</exception>
    public static WordPieceTokenizer Train(
        IEnumerable<string> texts, WordPieceTrainerOptions? options = null, int threads = 1, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new WordPieceTrainerOptions();
        options.Validate();
        var words = TextCounter.Count(texts, () => new WordCounter(options.Settings), threads, progress, cancellationToken);
        words.RemoveAll(word => word.Word.Length > options.MaxTrainingWordLength);
        if (words.Count == 0)
        {
            throw new DataPrepException("No word to train a vocabulary on: every text is empty or holds only white space and control characters. Expected texts with words.");
        }

        var pieces = new List<string?>(WordPieceModel.SpecialTokens);
        var symbols = Alphabet(words, options.AlphabetLimit, pieces, options.VocabularySize);
        var merger = new PairMerger(pieces, words.Select(word => (Split(word.Word, symbols), word.Count)));
        merger.Run(options.VocabularySize, options.MinFrequency, progress, cancellationToken);
        return new WordPieceTokenizer(WordPieceModel.Bert(pieces, options.Settings));
    }

    // Every character of the alphabet gets a piece that starts a word, and one that goes on a word where it occurs so; both in code point order.
    static Dictionary<(Rune Character, bool First), int> Alphabet(List<(string Word, long Count)> words, int limit, List<string?> pieces, int vocabularySize)
    {
        var counts = new Dictionary<Rune, long>();
        var within = new HashSet<Rune>();
        foreach (var (word, count) in words)
        {
            var first = true;
            foreach (var character in word.EnumerateRunes())
            {
                counts[character] = counts.GetValueOrDefault(character) + count;
                if (!first)
                {
                    within.Add(character);
                }

                first = false;
            }
        }

        var alphabet = counts.OrderByDescending(static entry => entry.Value).ThenBy(static entry => entry.Key).Take(limit).Select(static entry => entry.Key).Order().ToArray();
        var symbols = new Dictionary<(Rune Character, bool First), int>();
        foreach (var (character, first) in alphabet.Select(static c => (c, true)).Concat(alphabet.Where(within.Contains).Select(static c => (c, false))))
        {
            symbols[(character, first)] = pieces.Count;
            pieces.Add(first ? character.ToString() : "##" + character);
        }

        return pieces.Count <= vocabularySize
            ? symbols
            : throw new DataPrepException(
                $"The {alphabet.Length} characters of the alphabet need {pieces.Count} entries, the vocabulary has {vocabularySize}. Raise the vocabulary size or lower the alphabet limit.");
    }

    // Characters outside the alphabet are skipped, as in Hugging Face's trainer.
    static int[] Split(string word, Dictionary<(Rune Character, bool First), int> symbols)
    {
        var ids = new List<int>(word.Length);
        var first = true;
        foreach (var character in word.EnumerateRunes())
        {
            if (symbols.TryGetValue((character, first), out var id))
            {
                ids.Add(id);
            }

            first = false;
        }

        return [.. ids];
    }
}
