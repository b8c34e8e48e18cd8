namespace Workflow.Cli;

/// <summary>Every command in the order of <c>--help</c>: to add one, add a line.</summary>
static class CommandTable
{
    public static IReadOnlyList<ICliCommand> All { get; } =
    [
        new RunsCommand(),
        new ShowCommand(),
        new LogsCommand(),
        new QueryCommand(),
        new SearchCommand(),
        new EncodeCommand(),
        new TokenizeCommand(),
        new EvaluateCommand(),
        new ValidateCommand(),
        new DoctorCommand(),
        new SchemaCommand(),
    ];
}
