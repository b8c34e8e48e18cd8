using System.CommandLine;
using System.Text.Json;
using Workflow.Cli;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("workflow-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Help_ListsEveryVisibleCommand()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "--help");

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
        var context = new CliContext(StageTable.Default, TimeProvider.System, TextWriter.Null, TextWriter.Null, folder);
        var commands = CommandTable.All.Select(c => c.Build(context)).ToList();
        Assert.NotEmpty(commands);
        Assert.All(commands, c => Assert.Equal(!c.Hidden, answer.Output.Contains($"\n  {c.Name} ") || answer.Output.Contains($"\n  {c.Name}\n")));
        Assert.All(commands, c => Assert.NotEqual("", c.Description));
    }

    [Fact]
    public async Task Help_AnswersForEveryCommand()
    {
        var context = new CliContext(StageTable.Default, TimeProvider.System, TextWriter.Null, TextWriter.Null, folder);
        foreach (var command in CommandTable.All.Select(c => c.Build(context)).Where(c => !c.Hidden))
        {
            using var output = new StringWriter();
            var code = await CommandLine.RunAsync([command.Name, "--help"], new CliContext(StageTable.Default, TimeProvider.System, output, TextWriter.Null, folder), TestContext.Current.CancellationToken);

            Assert.Equal(0, code);
            Assert.Contains($" {command.Name} ", output.ToString());
        }
    }

    [Theory]
    [InlineData("Did you mean 'validate'?", "validat")]
    [InlineData("Did you mean '--set'?", "validate", "x.yaml", "--sett", "a=b")]
    [InlineData("Required argument 'JOB.yaml' missing", "validate")]
    [InlineData("There is no job file 'none.yaml'", "validate", "none.yaml")]
    [InlineData("Option '--qrels' is required.", "evaluate", "--run", "x")]
    [InlineData("'treck'", "evaluate", "--qrels", "x", "--run", "x", "--profile", "treck")]
    public async Task Usage_IsExitCodeTwo(string expected, params string[] arguments)
    {
        var answer = await WorkflowProcess.RunAsync(folder, arguments);

        Assert.Equal((2, ""), (answer.ExitCode, answer.Output));
        Assert.Contains(expected, answer.Error);
    }

    [Fact]
    public async Task NoCommand_IsExitCodeTwoWithHelp()
    {
        var answer = await WorkflowProcess.RunAsync(folder);

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("Commands:", answer.Output);
    }

    [Fact]
    public async Task FaultyJob_IsExitCodeTwoWithTheFaultsAlone()
    {
        File.WriteAllText(Path.Combine(folder, "bad.yaml"), "job: bad\nstages: {}\n");

        var answer = await WorkflowProcess.RunAsync(folder, "validate", "bad.yaml");

        Assert.Equal((2, ""), (answer.ExitCode, answer.Output));
        Assert.Equal("bad.yaml:2:9 stages: found no stage; expected a mapping of names to stages.\n", answer.Error);
    }

    [Theory]
    [InlineData("full", 1, "No space is left on the disk")]
    [InlineData("stopped", 1, "Stopped.")]
    [InlineData("usage", 2, "asked wrongly")]
    [InlineData("bug", 1, "This is a bug. Details: ")]
    public async Task Fault_IsToldByItsKind(string kind, int code, string expected)
    {
        using var error = new StringWriter();
        var context = new CliContext(StageTable.Default, TimeProvider.System, TextWriter.Null, error, folder);
        Exception fault = kind switch
        {
            "full" => new IOException("disk", 28),
            "stopped" => new OperationCanceledException(),
            "usage" => new WorkflowException("asked wrongly", exitCode: 2),
            _ => new InvalidOperationException("odd"),
        };
        Directory.CreateDirectory(Path.Combine(folder, ".workflow"));

        Assert.Equal(code, await FaultReport.WriteAsync(fault, ["runs"], context, new RootCommand { context.Home }.Parse(["--home", ".workflow"])));

        Assert.Contains(expected, error.ToString());
        Assert.Equal(kind == "bug", Directory.Exists(Path.Combine(folder, ".workflow", "logs")));
    }

    [Theory]
    [InlineData("--json", "validate", "bad.yaml")]
    [InlineData("validate", "--json", "bad.yaml")]
    [InlineData("validate", "bad.yaml", "--home", "elsewhere", "--json")]
    public async Task Json_IsOneCompactLine_WhereverItIsAsked(params string[] arguments)
    {
        File.WriteAllText(Path.Combine(folder, "bad.yaml"), "job: bad\nstages: {}\n");

        var answer = await WorkflowProcess.RunAsync(folder, arguments);

        Assert.Equal(2, answer.ExitCode);
        Assert.Equal(answer.Output, answer.LastLine + "\n");
        var fault = JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("faults")[0];
        Assert.Equal(("bad.yaml", 2, 9, "stages"), (fault.GetProperty("source").GetString(), fault.GetProperty("line").GetInt32(), fault.GetProperty("column").GetInt32(), fault.GetProperty("path").GetString()));
    }
}
