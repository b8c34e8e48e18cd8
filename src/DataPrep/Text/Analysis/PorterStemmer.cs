namespace DataPrep.Text.Analysis;

/// <summary>
/// Porter's stemmer for English (M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980) with the two later departures of its author ("bli" to "ble", "logi" to "log"),
/// the form that Lucene's PorterStemFilter and SQLite's FTS5 use.
/// </summary>
public static class PorterStemmer
{
    // Longest first where one ends with another; the first suffix that matches decides, whether or not its condition holds.
    static readonly (string Suffix, string Replacement)[] Step2 =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("ousli", "ous"), ("eli", "e"),
        ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"),
        ("biliti", "ble"), ("logi", "log"),
    ];

    static readonly (string Suffix, string Replacement)[] Step3 =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    static readonly string[] Step4 =
        ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize"];

    /// <summary>Stems a lower-case word in place.</summary>
    /// <param name="word">The word; its first characters are overwritten by the stem.</param>
    /// <returns>Length of the stem. Words of one or two characters and words with a character outside a-z stay as they are.</returns>
    public static int Stem(Span<char> word)
    {
        var n = word.Length;
        if (n < 3 || word.ContainsAnyExceptInRange('a', 'z'))
        {
            return n;
        }

        n = Plural(word, n);
        n = PastAndGerund(word, n);
        if (word[n - 1] == 'y' && HasVowel(word[..(n - 1)]))
        {
            word[n - 1] = 'i';
        }

        n = Replace(word, n, Step2);
        n = Replace(word, n, Step3);
        n = DropSuffix(word, n);
        return DropFinal(word, n);
    }

    static int Plural(Span<char> w, int n)
    {
        if (w[n - 1] != 's')
        {
            return n;
        }

        if (Ends(w, n, "sses") || Ends(w, n, "ies"))
        {
            return n - 2;
        }

        return w[n - 2] == 's' ? n : n - 1;
    }

    static int PastAndGerund(Span<char> w, int n)
    {
        if (Ends(w, n, "eed"))
        {
            return Measure(w[..(n - 3)]) > 0 ? n - 1 : n;
        }

        if (Ends(w, n, "ed") && HasVowel(w[..(n - 2)]))
        {
            n -= 2;
        }
        else if (Ends(w, n, "ing") && HasVowel(w[..(n - 3)]))
        {
            n -= 3;
        }
        else
        {
            return n;
        }

        if (Ends(w, n, "at") || Ends(w, n, "bl") || Ends(w, n, "iz"))
        {
            w[n++] = 'e';
        }
        else if (n > 1 && w[n - 1] == w[n - 2] && IsConsonant(w, n - 1))
        {
            n -= w[n - 1] is 'l' or 's' or 'z' ? 0 : 1;
        }
        else if (EndsConsonantVowelConsonant(w, n) && Measure(w[..n]) == 1)
        {
            w[n++] = 'e';
        }

        return n;
    }

    static int Replace(Span<char> w, int n, (string Suffix, string Replacement)[] rules)
    {
        foreach (var (suffix, replacement) in rules)
        {
            if (!Ends(w, n, suffix))
            {
                continue;
            }

            var stem = n - suffix.Length;
            if (Measure(w[..stem]) == 0)
            {
                return n;
            }

            replacement.CopyTo(w[stem..]);
            return stem + replacement.Length;
        }

        return n;
    }

    static int DropSuffix(Span<char> w, int n)
    {
        foreach (var suffix in Step4)
        {
            if (!Ends(w, n, suffix))
            {
                continue;
            }

            var stem = n - suffix.Length;
            var allowed = suffix != "ion" || (stem > 0 && w[stem - 1] is 's' or 't');
            return allowed && Measure(w[..stem]) > 1 ? stem : n;
        }

        return n;
    }

    static int DropFinal(Span<char> w, int n)
    {
        if (w[n - 1] == 'e')
        {
            var measure = Measure(w[..(n - 1)]);
            if (measure > 1 || (measure == 1 && !EndsConsonantVowelConsonant(w, n - 1)))
            {
                n--;
            }
        }

        return n > 1 && w[n - 1] == 'l' && w[n - 2] == 'l' && Measure(w[..n]) > 1 ? n - 1 : n;
    }

    static bool Ends(ReadOnlySpan<char> w, int n, string suffix) => n > suffix.Length && w[..n].EndsWith(suffix);

    static bool IsConsonant(ReadOnlySpan<char> w, int i) => w[i] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => i == 0 || !IsConsonant(w, i - 1),
        _ => true,
    };

    static bool HasVowel(ReadOnlySpan<char> w)
    {
        for (var i = 0; i < w.Length; i++)
        {
            if (!IsConsonant(w, i))
            {
                return true;
            }
        }

        return false;
    }

    // Porter's m: the number of vowel-to-consonant changes, [C](VC){m}[V].
    static int Measure(ReadOnlySpan<char> w)
    {
        var m = 0;
        var vowel = false;
        for (var i = 0; i < w.Length; i++)
        {
            var consonant = w[i] == 'y' ? vowel || i == 0 : w[i] is not ('a' or 'e' or 'i' or 'o' or 'u');
            m += consonant && vowel ? 1 : 0;
            vowel = !consonant;
        }

        return m;
    }

    static bool EndsConsonantVowelConsonant(ReadOnlySpan<char> w, int n) =>
        n > 2 && IsConsonant(w, n - 1) && !IsConsonant(w, n - 2) && IsConsonant(w, n - 3) && w[n - 1] is not ('w' or 'x' or 'y');
}
