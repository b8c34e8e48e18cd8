namespace DataPrep.Tests.Text.Bpe;

/// <summary>Texts that show how a tokenizer splits and spells: real ones of many scripts, and every character in contexts that patterns tell apart.</summary>
static class BpeTexts
{
    static readonly string[] Collections =
        ["cranfield", "cacm", "xquad/en", "xquad/ar", "xquad/hi", "xquad/th", "xquad/vi", "xquad/ru", "xquad/el", "drcd-zh-tw", "jaquad-ja-dev", "msdocs-cpp-ko", "msdocs-powershell", "msdocs-cpp-en"];

    public static string[] Real(int perCollection) =>
        [.. Collections.SelectMany(name => Collection.Rows(Path.Combine(SharedFolder.Path($"data/{name}"), "corpus.jsonl")).Texts.Take(perCollection))];

    /// <summary>Every code point beside letters, digits, signs, blanks and apostrophes.</summary>
    public static IEnumerable<string> EveryCharacter()
    {
        var characters = Enumerable.Range(1, 0x1FFFF).Concat(Enumerable.Range(0x20000, 0x110000 - 0x20000).Where(c => c % 997 == 0 || c >= 0xE0000 && c < 0xE0200))
            .Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32);
        return characters.Chunk(4).Select(group => string.Concat(group.Select(c => $"a{c}b {c}{c}1{c}2 {c} !{c}\u00e9  {c}'{c}\u00e9 '{c}\n{c}s\t {c}\u0301 e\u0301{c}\u0345{c}\u0334")));
    }

    /// <summary>Random texts of parts that are hard to split.</summary>
    public static IEnumerable<string> Random(int count, int seed, params string[] more)
    {
        string[] parts =
        [
            "a", "Word", "don't", "I'LL", "we've", "x'S", "'\u017F", "'re", "'", "''", "12", "3456", "1", "\u0663", "\u2167", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n ", "\u00a0", "\u3000", "\u2028", "\u0085",
            "!", "...", "(", "\u00e9", "e\u0301", "\u0301", "\u4e2d\u6587", "\u0e01\u0e33", "\ud55c", "\U0001F600", "\U0001F468\u200d\U0001F469", "\U00010400", "\U0001D7D8", "\ufeff", "\0", "\u200b", "\ud800", "_", "<", ">", "s", "</s>", "<s>", .. more,
        ];
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)])));
    }
}
