using System.CommandLine;

namespace Workflow.Cli;

/// <summary>A command: one file each, one line in <see cref="CommandTable"/>.</summary>
interface ICliCommand
{
    /// <summary>Its name, arguments, options and action; the action returns 0 done, 1 failed, 2 usage.</summary>
    Command Build(CliContext context);
}
