namespace DataPrep.Tables;

/// <summary>Messages of the table adapters: one wording whatever the library underneath.</summary>
static class TableFaults
{
    internal static string Columns(TableSchema schema) => "columns " + string.Join(", ", schema.Columns.Select(c => $"{c.Name} ({c.Type})"));

    /// <summary>Refuses a file whose columns are not the expected ones; others beside them are allowed.</summary>
    internal static void Check(string path, TableSchema expected, IEnumerable<(string Name, string Type)> found)
    {
        var columns = found.ToList();
        foreach (var column in expected.Columns)
        {
            var at = columns.FindIndex(c => c.Name == column.Name);
            if (at < 0)
            {
                throw new DataPrepException($"Table '{path}' has no column '{column.Name}'. Found: {string.Join(", ", columns.Select(c => c.Name))}; expected {Columns(expected)}. Is it the right artifact?");
            }

            if (columns[at].Type != column.Type.ToString())
            {
                throw new DataPrepException($"Table '{path}': column '{column.Name}' is {columns[at].Type}, expected {column.Type}. Is it the right artifact?");
            }
        }
    }

    internal static DataPrepException Read(string path, TableSchema columns, Exception fault) =>
        new($"Table '{path}' cannot be read: {Line(fault)}. Expected an undamaged Parquet file with {Columns(columns)}; make it again, or run `verify`.", fault);

    internal static DataPrepException Write(string path, Exception fault)
    {
        var line = Line(fault);
        var advice = line.Contains("No space left", StringComparison.OrdinalIgnoreCase) ? " Free some space on that disk and run it again."
            : line.Contains("out of memory", StringComparison.OrdinalIgnoreCase) ? " Give it more memory or a scratch folder with more room." : "";
        return new DataPrepException($"Table '{path}' could not be written: {line}.{advice}", fault);
    }

    static string Line(Exception fault) => string.Join(' ', fault.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
