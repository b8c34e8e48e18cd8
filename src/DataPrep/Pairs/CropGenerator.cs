namespace DataPrep.Pairs;

/// <summary>Inverse cloze: a random run of words asks for the text around it.</summary>
public sealed class CropGenerator(CropOptions options) : IPairGenerator
{
    /// <inheritdoc/>
    public string Name => "crop";

    /// <inheritdoc/>
    public bool QueryIsTitle => false;

    /// <inheritdoc/>
    public IEnumerable<GeneratedQuery> Generate(Document document, long seed)
    {
        var text = document.Content;
        var words = WordSpans.Of(text);
        if (words.Count < 2 * options.MinWords)
        {
            yield break;
        }

        for (var k = 0; k < options.PerDocument; k++)
        {
            var random = new SeededStream(StableHash.Of(seed, "crop", document.DocId, k.ToString()));
            var most = Math.Max(options.MinWords, Math.Min(options.MaxWords, words.Count / 2));
            var count = options.MinWords + random.Below(most - options.MinWords + 1);
            var first = random.Below(words.Count - count + 1);
            var (start, end) = (words[first].Start, words[first + count - 1].End);
            yield return new GeneratedQuery(text[start..end], random.NextDouble() < options.Keep ? null : Without(text, start, end));
        }
    }

    static string Without(string text, int start, int end)
    {
        var before = text.AsSpan(0, start).TrimEnd();
        var after = text.AsSpan(end).TrimStart();
        var apart = before.Length < start || after.Length < text.Length - end;
        return before.Length == 0 || after.Length == 0 || !apart ? string.Concat(before, after) : string.Concat(before, " ", after);
    }
}
