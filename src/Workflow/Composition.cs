using DataPrep.Tables;
using Workflow.Cli;
using Workflow.Stages;

namespace Workflow;

/// <summary>Puts the program together: the one place that names backends.</summary>
static class Composition
{
    /// <summary>The command line with its parts.</summary>
    public static CliContext CommandLine() => new(StageTable.Default, TimeProvider.System, Console.Out, Console.Error, Environment.CurrentDirectory)
    {
        Tables = Tables,
        Query = Query,
        OnTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    };

    /// <summary>Reads and writes Parquet.</summary>
    public static ITableStore Tables() => new DuckDbTableStore();

    static QueryAnswer Query(string sql, IReadOnlyDictionary<string, IReadOnlyList<string>> views, CancellationToken cancellationToken)
    {
        var result = new DuckDbQuery().Run(sql, views, cancellationToken);
        return new QueryAnswer(result.Columns, result.Rows(), result);
    }
}
