namespace DataPrep.Text.Analysis;

/// <summary>The analyzers a job file can name. A new one: its file in this folder and its line here.</summary>
public static class AnalyzerTable
{
    static readonly (string Name, Func<WordAnalyzer> Create)[] Rows =
    [
        ("standard", static () => new StandardAnalyzer()),
        ("english", static () => new EnglishAnalyzer()),
        ("cjk", static () => new CjkAnalyzer()),
        ("code", static () => new CodeAnalyzer()),
    ];

    /// <summary>Names in table order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Rows.Select(static row => row.Name)];

    /// <summary>The analyzer of that name with its defaults.</summary>
    /// <exception cref="DataPrepException">No analyzer has that name.</exception>
    public static WordAnalyzer Create(string name)
    {
        foreach (var row in Rows)
        {
            if (row.Name == name)
            {
                return row.Create();
            }
        }

        throw new DataPrepException($"Analyzer \"{name}\" is not known. Expected one of: {string.Join(", ", Names)}.");
    }
}
