namespace Workflow.Cli;

/// <summary>Every command in the order of <c>--help</c>: to add one, add a line.</summary>
static class CommandTable
{
    public static IReadOnlyList<ICliCommand> All { get; } =
    [
        new RunCommand(),
        new ResumeCommand(),
        new CancelCommand(),
        new ServeCommand(),
        new ScheduleCommand(),
        new AccountCommand(),
        new RunsCommand(),
        new ShowCommand(),
        new LogsCommand(),
        new DiffCommand(),
        new WhyCommand(),
        new LineageCommand(),
        new SlotsCommand(),
        new WorkersCommand(),
        new QueueCommand(),
        new VerifyCommand(),
        new GcCommand(),
        new QueryCommand(),
        new SearchCommand(),
        new EncodeCommand(),
        new TokenizeCommand(),
        new ExportCommand(),
        new PackCommand(),
        new EvaluateCommand(),
        new ValidateCommand(),
        new SweepCommand(),
        new DoctorCommand(),
        new SchemaCommand(),
        new StageChildCommand(),
    ];
}
