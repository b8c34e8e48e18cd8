namespace DataPrep.Pairs;

/// <summary>The first sentence asks for the rest.</summary>
public sealed class LeadGenerator(LeadOptions options) : IPairGenerator
{
    static readonly HashSet<string> Abbreviations = new(["e.g", "i.e", "vs", "cf", "al", "fig", "eq", "no", "dr", "mr", "mrs", "ms", "prof", "st", "approx"], StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Name => "lead";

    /// <inheritdoc/>
    public bool QueryIsTitle => false;

    /// <inheritdoc/>
    public IEnumerable<GeneratedQuery> Generate(Document document, long seed)
    {
        var end = FirstSentence(document.Content);
        if (end == document.Content.Length)
        {
            return [];
        }

        var (sentence, rest) = (document.Content[..end].Trim(), document.Content[end..].Trim());
        var words = WordSpans.Of(sentence).Count;
        return words >= options.MinWords && words <= options.MaxWords && WordSpans.Of(rest).Count >= options.MinRest ? [new GeneratedQuery(sentence, rest)] : [];
    }

    // Behind the mark that ends the first sentence; the length where none does.
    static int FirstSentence(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var ends = text[i] switch
            {
                '。' or '！' or '？' or '\n' => true,
                '!' or '?' => i + 1 < text.Length && char.IsWhiteSpace(text[i + 1]),
                '.' => i + 1 < text.Length && char.IsWhiteSpace(text[i + 1]) && !Abbreviated(text, i),
                _ => false,
            };
            if (ends)
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    // An initial ("J. Smith") or a usual abbreviation before the dot.
    static bool Abbreviated(string text, int dot)
    {
        var start = text.LastIndexOfAny([' ', '\n', '('], Math.Max(0, dot - 1)) + 1;
        var word = text[Math.Min(start, dot)..dot];
        return (word.Length == 1 && char.IsLetter(word[0])) || Abbreviations.Contains(word);
    }
}
