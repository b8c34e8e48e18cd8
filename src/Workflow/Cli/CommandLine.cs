using System.CommandLine;
using System.CommandLine.Help;
using DataPrep;
using Trainer;
using Workflow.Cli.Remote;
using Workflow.Jobs;

namespace Workflow.Cli;

/// <summary>The <c>workflow</c> command: parses, runs, and turns faults into messages and exit codes (0 done, 1 failed, 2 usage).</summary>
static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken cancellationToken)
    {
        var parse = Root(context).Parse(arguments);
        var help = parse.Action is HelpAction || parse.CommandResult.Command is RootCommand && arguments.Count == 0;
        if (parse.Errors.Count > 0 && !help)
        {
            // "Required command was not provided" says nothing beside the word that is no command.
            foreach (var error in parse.UnmatchedTokens.Count > 0 ? parse.Errors.Where(e => e.Message.Contains('\'')) : parse.Errors)
            {
                await context.Error.WriteLineAsync(error.Message + Nearest(parse));
            }

            var path = string.Join(' ', Ancestors(parse.CommandResult.Command).Reverse().Select(c => c.Name));
            await context.Error.WriteLineAsync($"`{path} --help` lists what it takes.");
            return 2;
        }

        if (arguments.Count == 0)
        {
            parse = Root(context).Parse(["--help"]);
        }

        try
        {
            RemoteCommands.Check(context, parse);

            // Children need a moment to stop after Ctrl-C; a second Ctrl-C ends at once.
            var invocation = new InvocationConfiguration { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
            var code = await parse.InvokeAsync(invocation, cancellationToken);
            return arguments.Count == 0 ? 2 : code;
        }
        catch (Exception fault)
        {
            return await FaultReport.WriteAsync(fault, arguments, context, parse);
        }
    }

    /// <summary>The command or option that an unknown word most likely meant.</summary>
    static string Nearest(ParseResult parse)
    {
        if (parse.UnmatchedTokens is not [var word, ..])
        {
            return "";
        }

        var command = parse.CommandResult.Command;
        var known = word.StartsWith('-')
            ? Ancestors(command).SelectMany(c => c.Options).Select(o => o.Name)
            : command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name);
        return NearestName.Of(word, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";
    }

    static RootCommand Root(CliContext context)
    {
        var root = new RootCommand("Turns a corpus of titled documents into a retrieval model of its own, durably: kill it anywhere, start it again, and the final bytes are the same.") { context.Home, context.Json, context.Server, context.TokenFile, context.InsecureHttp };
        foreach (var command in CommandTable.All)
        {
            root.Add(command.Build(context));
        }

        return root;
    }

    static IEnumerable<Command> Ancestors(Command command)
    {
        for (var at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return at;
        }
    }

    /// <summary>Whether a fault is for its user to mend: its message says all.</summary>
    public static bool IsForUser(Exception fault) => fault is WorkflowException or DataPrepException or TrainerException;
}
