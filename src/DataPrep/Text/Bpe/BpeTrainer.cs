using System.Text;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>
/// Trains byte-level BPE (Sennrich et al., 2016; Radford et al., 2019) as Hugging Face's BpeTrainer does. The same texts and options give the same vocabulary, whatever the order of the
/// texts and the number of threads: the alphabet is the 256 bytes, equal counts are merged by smaller ids first.
/// </summary>
public static class BpeTrainer
{
    /// <summary>Trains and returns a tokenizer with RoBERTa's special tokens, <see cref="BpeTrainerOptions.SpecialTokens"/>, and its template: <c>&lt;s&gt; A &lt;/s&gt;</c>.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="threads">Threads that count words; the result does not depend on it.</param>
    /// <param name="progress">Documents counted, then pieces learned.</param>
    /// <param name="cancellationToken">Stops between batches of texts and between merges.</param>
    /// <exception cref="DataPrepException">An option is out of range, or the texts have no words.</exception>
    public static BpeTokenizer Train(
        IEnumerable<string> texts, BpeTrainerOptions? options = null, int threads = 1, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new BpeTrainerOptions();
        options.Validate();
        var model = Empty(options.Settings);
        var words = TextCounter.Count(texts, () => new BpeWordCounter(model), threads, progress, cancellationToken);
        if (words.Count == 0)
        {
            throw new DataPrepException("No word to train a vocabulary on: every text is empty. Expected texts with words.");
        }

        List<string> pieces = [.. BpeTrainerOptions.SpecialTokens, .. ByteLevelAlphabet.Characters.ToArray().Order().Select(static c => c.ToString())];
        var merges = Learn(pieces, words, options.VocabularySize, options.MinFrequency, progress, cancellationToken);
        return new BpeTokenizer(model with { Pieces = Numbered(pieces), Merges = merges }, "the trained vocabulary") { Settings = options.Settings };
    }

    /// <summary>Learns merges of words by their bytes.</summary>
    /// <param name="pieces">Special tokens and alphabet, by id; takes the new pieces.</param>
    /// <param name="words">Words and how often they occur.</param>
    /// <param name="vocabularySize">Pieces at most.</param>
    /// <param name="minFrequency">Least count of a pair.</param>
    /// <param name="progress">Pieces learned.</param>
    /// <param name="cancellationToken">Stops between merges.</param>
    internal static List<(string Left, string Right)> Learn(
        List<string> pieces, List<(string Word, long Count)> words, int vocabularySize, int minFrequency, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var byteIds = new int[256];
        for (var value = 0; value < byteIds.Length; value++)
        {
            byteIds[value] = pieces.IndexOf(ByteLevelAlphabet.Characters[value].ToString());
        }

        var merger = new BpeMerger(pieces, words.Select(word => (Array.ConvertAll(Encoding.UTF8.GetBytes(word.Word), value => byteIds[value]), word.Count)));
        return merger.Run(vocabularySize, minFrequency, progress, cancellationToken);
    }

    internal static Dictionary<string, int> Numbered(IEnumerable<string> pieces) =>
        pieces.Select(static (piece, id) => KeyValuePair.Create(piece, id)).ToDictionary(StringComparer.Ordinal);

    static BpeModel Empty(BpeSettings settings)
    {
        WordStep words = settings.Words switch
        {
            BpeWords.Llama3 => new Cl100kWords(3),
            BpeWords.Qwen => new Cl100kWords(1),
            _ => new Gpt2Words(),
        };
        TextNormalizer[] normalizers = settings.Lowercase ? [new FormNormalizer(UnicodeForm.Nfc), new LowercaseNormalizer()] : [new FormNormalizer(UnicodeForm.Nfc)];
        int Id(string token) => BpeTrainerOptions.SpecialTokens.ToList().IndexOf(token);
        var (start, end) = (Id("<s>"), Id("</s>"));
        return new BpeModel
        {
            Pieces = [],
            Merges = [],
            ByteLevel = true,
            UnknownToken = "<unk>",
            AddedTokens = [.. BpeTrainerOptions.SpecialTokens.Select((token, id) => new AddedToken(id, token, LeftStrip: token == "<mask>"))],
            Normalizers = normalizers,
            Words = [settings.AddsPrefixSpace ? new PrefixSpaceStep(words) : words],
            Single = new TokenTemplate([start], [], [end]),
            Pair = new TokenTemplate([start], [end, end], [end]),
            PadId = Id("<pad>"),
        };
    }
}
