namespace DataPrep.Text.Analysis;

/// <summary>
/// An analyzer in two steps: spans of the text that are words, then the terms of a word. The second step depends on the word alone, so an index asks it once per distinct word.
/// </summary>
public abstract class WordAnalyzer : IAnalyzer
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>What the terms depend on: the name and every option, part of the digest of an index.</summary>
    public virtual string Signature => Name;

    /// <inheritdoc/>
    public void Analyze(string text, List<string> terms)
    {
        var prepared = Prepare(text);
        var position = 0;
        while (NextWord(prepared, ref position, out var start, out var length))
        {
            AppendTerms(prepared.AsSpan(start, length), terms);
        }
    }

    /// <summary>The text with whatever the word rules cannot see through already folded; the text itself where there is nothing to fold.</summary>
    internal virtual string Prepare(string text) => text;

    /// <summary>Finds the next word at or after <paramref name="position"/> and moves the position on. Words may overlap.</summary>
    /// <returns>False at the end of the text.</returns>
    internal virtual bool NextWord(ReadOnlySpan<char> text, ref int position, out int start, out int length) => Words.Next(text, ref position, out start, out length);

    /// <summary>Appends the terms of a word: none (a stop word), one, or several.</summary>
    internal abstract void AppendTerms(ReadOnlySpan<char> word, List<string> terms);
}
