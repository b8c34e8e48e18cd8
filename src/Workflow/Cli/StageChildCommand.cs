using System.CommandLine;
using Workflow.Stages;

namespace Workflow.Cli;

/// <summary><c>stage-child</c> (hidden): one attempt of a stage in a process of its own, started by the host.</summary>
sealed class StageChildCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var request = new Option<string>("--request") { Description = "The host's request", HelpName = "FILE", Required = true };
        var command = new Command("stage-child", "Run one attempt for a host process") { request };
        command.Hidden = true;
        command.SetAction((parse, _) => StageChild.RunAsync(parse.GetValue(request)!, context.Stages));
        return command;
    }
}
