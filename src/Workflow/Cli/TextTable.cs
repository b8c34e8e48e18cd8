using System.Text;

namespace Workflow.Cli;

/// <summary>Rows in columns as wide as their content; two spaces between, nothing at line ends.</summary>
sealed class TextTable(params string[] header)
{
    readonly List<string[]> rows = [header];
    readonly HashSet<int> right = [];

    /// <summary>Sets columns flush right (numbers).</summary>
    public TextTable Right(params int[] columns)
    {
        right.UnionWith(columns);
        return this;
    }

    public void Add(params string[] row) => rows.Add(row);

    public void Write(TextWriter output)
    {
        var widths = Enumerable.Range(0, header.Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        foreach (var row in rows)
        {
            var line = new StringBuilder();
            for (var c = 0; c < row.Length; c++)
            {
                line.Append(right.Contains(c) ? row[c].PadLeft(widths[c]) : row[c].PadRight(widths[c])).Append("  ");
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
