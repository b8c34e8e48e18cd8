using DataPrep.Text.Analysis;

namespace DataPrep.Text.Bm25;

/// <summary>Turns texts into term numbers, asking the analyzer once per distinct word. One per thread.</summary>
sealed class TermCounter(IAnalyzer analyzer)
{
    readonly SpanTable words = new();
    readonly List<int[]> termsOfWord = [];
    readonly List<string> scratch = [];
    int[] frequencies = new int[1024];
    int[] touched = new int[1024];

    /// <summary>Terms by local number.</summary>
    public SpanTable Terms { get; } = new();

    /// <summary>Appends (term, frequency) of a document, each term once; returns the document's length in terms.</summary>
    public int Count(string text, List<int> terms, List<int> counts)
    {
        var length = 0;
        var distinct = 0;
        if (analyzer is WordAnalyzer wordAnalyzer)
        {
            text = wordAnalyzer.Prepare(text);
            var position = 0;
            while (wordAnalyzer.NextWord(text, ref position, out var start, out var size))
            {
                foreach (var term in TermsOf(wordAnalyzer, text.AsSpan(start, size)))
                {
                    Add(term, ref distinct);
                    length++;
                }
            }
        }
        else
        {
            scratch.Clear();
            analyzer.Analyze(text, scratch);
            foreach (var term in scratch)
            {
                Add(Terms.GetOrAdd(term), ref distinct);
                length++;
            }
        }

        foreach (var term in touched.AsSpan(0, distinct))
        {
            terms.Add(term);
            counts.Add(frequencies[term]);
            frequencies[term] = 0;
        }

        return length;
    }

    int[] TermsOf(WordAnalyzer wordAnalyzer, ReadOnlySpan<char> word)
    {
        var hash = SpanTable.Hash(word);
        var number = words.Find(word, hash);
        if (number >= 0)
        {
            return termsOfWord[number];
        }

        words.Add(word, hash);
        scratch.Clear();
        wordAnalyzer.AppendTerms(word, scratch);
        var terms = new int[scratch.Count];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = Terms.GetOrAdd(scratch[i]);
        }

        termsOfWord.Add(terms);
        return terms;
    }

    void Add(int term, ref int distinct)
    {
        if (term >= frequencies.Length)
        {
            Array.Resize(ref frequencies, Math.Max(term + 1, frequencies.Length * 2));
        }

        if (frequencies[term]++ == 0)
        {
            if (distinct == touched.Length)
            {
                Array.Resize(ref touched, distinct * 2);
            }

            touched[distinct++] = term;
        }
    }
}
