using System.Text;

namespace Workflow.Dashboard.SearchPages;

/// <summary>What people type, as a question to the full-text index. Whatever they type is a valid question: quotes, operators and brackets are text, never syntax.</summary>
static class SearchText
{
    const int MostWords = 16;
    const int LongestWord = 100;

    /// <summary>Stands before a found word in a text that the index marks.</summary>
    public const char Begin = '\u0002';

    /// <summary>Stands behind it.</summary>
    public const char End = '\u0003';

    /// <summary>
    /// The FTS5 question for a text: every word must be there, words in double quotes in that order, the last word may go on ("trai" finds "training").
    /// Ids are found by the beginning of any of their parts.
    /// </summary>
    /// <param name="text">As typed.</param>
    /// <param name="scope">Documents of one scope (run, stage, error, parameter, schedule, audit), or empty for all.</param>
    /// <returns>Null where the text has no letter and no digit: it finds nothing.</returns>
    public static string? Match(string text, string scope)
    {
        var words = Words(text);
        if (words.Count == 0)
        {
            return null;
        }

        var question = new StringBuilder(scope.Length > 0 ? $"scope : \"{scope}\" AND {{title body}} : (" : "{title body} : (");
        foreach (var (word, open) in words)
        {
            question.Append('"').Append(word).Append(open ? "\"* " : "\" ");
        }

        question[^1] = ')';
        return question.ToString();
    }

    /// <summary>The words of a text without any sign that could end a quoted one; the last is open where it may go on.</summary>
    public static IReadOnlyList<(string Word, bool Open)> Words(string text)
    {
        var words = new List<(string, bool)>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '"')
            {
                Flush(open: false);
                quoted = !quoted;
            }
            else if (Rune.IsWhiteSpace(rune) && !quoted)
            {
                Flush(open: false);
            }
            else if (!Rune.IsControl(rune) && rune != Rune.ReplacementChar && word.Length < LongestWord)
            {
                word.Append(rune.ToString());
            }
        }

        // A quote that was never closed is no quote.
        Flush(open: !text.TrimEnd().EndsWith('"'));
        return words;

        void Flush(bool open)
        {
            var found = word.ToString().Trim();
            word.Clear();
            if (words.Count < MostWords && found.Any(char.IsLetterOrDigit))
            {
                words.Add((found, open));
            }
        }
    }

    /// <summary>A marked text in pieces: which of them were found.</summary>
    public static IEnumerable<(string Text, bool Found)> Pieces(string marked)
    {
        for (var at = 0; at < marked.Length;)
        {
            var found = marked[at] == Begin;
            var from = found ? at + 1 : at;
            var end = marked.IndexOf(found ? End : Begin, from);
            end = end < 0 ? marked.Length : end;
            if (end > from)
            {
                yield return (marked[from..end], found);
            }

            at = found ? end + 1 : end;
        }
    }
}
