namespace DataPrep.Text;

/// <summary>Text to index terms for BM25. Thread-safe.</summary>
public interface IAnalyzer
{
    /// <summary>Name in job files: standard, english, cjk, code.</summary>
    string Name { get; }

    /// <summary>Appends the terms of <paramref name="text"/> to <paramref name="terms"/> in text order, repeats included.</summary>
    void Analyze(string text, List<string> terms);
}
