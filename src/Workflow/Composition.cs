using DataPrep.Tables;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Engine;
using Workflow.Runs;
using Workflow.Stages;

namespace Workflow;

/// <summary>Puts the program together: the one place that names backends.</summary>
static class Composition
{
    /// <summary>The command line with its parts.</summary>
    /// <param name="time">Its clock; null is the machine's.</param>
    public static CliContext CommandLine(TimeProvider? time = null) => new(StageTable.Default, time ?? TimeProvider.System, Console.Out, Console.Error, Environment.CurrentDirectory)
    {
        Tables = Tables,
        Query = Query,
        Engines = new Dictionary<string, Func<HomePaths, TimeProvider, IJobEngine>>(StringComparer.Ordinal)
        {
#if STACK_SYSTEM
            ["quartz"] = (home, time) => new QuartzEngine(home, time) { Log = Console.Error.WriteLine },
#endif
            ["inline"] = (_, time) => new InlineEngine(time),
        },
        EnvironmentClass = () => MachineClass.Current,
        OnTerminal = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
    };

    /// <summary>Reads and writes Parquet; what does not fit in memory goes to the system's folder for temporary files.</summary>
    public static ITableStore Tables() =>
#if STACK_SYSTEM
        new DuckDbTableStore(new DuckDbOptions { Scratch = Path.Combine(Path.GetTempPath(), $"workflow-tables-{Environment.ProcessId}") });
#else
        new ParquetNetTableStore();
#endif

    /// <summary>Reads and writes Parquet for a stage's attempt: what does not fit in memory goes to its scratch folder; threads never bear on the bytes.</summary>
    public static ITableStore Tables(StageContext context) =>
#if STACK_SYSTEM
        new DuckDbTableStore(new DuckDbOptions { Threads = context.Threads, Scratch = context.Scratch });
#else
        Tables();
#endif

    static QueryAnswer Query(string sql, IReadOnlyDictionary<string, IReadOnlyList<string>> views, CancellationToken cancellationToken)
    {
        var result = new DuckDbQuery().Run(sql, views, cancellationToken);
        return new QueryAnswer(result.Columns, result.Rows(), result);
    }
}
