using System.CommandLine;
using System.CommandLine.Help;

namespace Workflow.Cli.Remote;

/// <summary>Which commands can work with a server, and why the others cannot.</summary>
static class RemoteCommands
{
    static readonly string[] able =
    [
        "run", "resume", "cancel", "runs", "show", "logs", "why", "lineage", "diff", "workers", "slots", "slots show",
        "schedule list", "schedule show", "schedule next", "schedule pause", "schedule resume", "schedule trigger", "schedule remove", "schedule backfill",
        "queue list", "queue pause", "queue resume",
    ];

    /// <summary>Commands about a home that work on this machine's alone: where only WORKFLOW_SERVER names a server they might be meant for its home.</summary>
    static readonly Dictionary<string, string> unable = new(StringComparer.Ordinal)
    {
        ["gc"] = "it removes files of a store",
        ["verify"] = "it reads every byte of a store",
        ["query"] = "it reads the files of a store",
        ["search"] = "it reads the files of a store",
        ["pack"] = "it reads the files of a store",
        ["export"] = "it writes a folder from the files of a store",
        ["sweep"] = "it tries things out on this machine",
        ["slots set"] = "it looks at the files of a store",
        ["schedule add"] = "it declares a file of this machine; `workflow serve --jobs` declares those of its own",
        ["account"] = "accounts are kept beside the ledger",
        ["doctor"] = "it looks at this machine",
        ["serve"] = "it is what answers at an address",
    };

    /// <summary>Refuses a command that cannot do what is asked of it at a server.</summary>
    /// <exception cref="WorkflowException">It works on this machine alone.</exception>
    public static void Check(CliContext context, ParseResult parse)
    {
        var path = Path(parse.CommandResult.Command);
        if (parse.Action is HelpAction || parse.CommandResult.Command.Hidden || able.Contains(path))
        {
            return;
        }

        var why = unable.TryGetValue(path, out var reason) || unable.TryGetValue(path.Split(' ')[0], out reason) ? $": {reason}" : "";
        if (parse.GetValue(context.Server) is not null)
        {
            throw new WorkflowException($"`workflow {path}` works on this machine alone{why}. With --server work: {string.Join(", ", able)}.", exitCode: 2);
        }

        if (reason is not null && path is not ("doctor" or "serve") && parse.GetResult(context.Home) is not { Implicit: false } && context.Variable("WORKFLOW_SERVER") is { Length: > 0 } server)
        {
            throw new WorkflowException($"`workflow {path}` works on this machine alone{why}, and WORKFLOW_SERVER names {server}. Name the home here with --home, or run it on the machine that holds the server's.", exitCode: 2);
        }
    }

    static string Path(Command command)
    {
        var names = new List<string>();
        for (var at = command; at is not (null or RootCommand); at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            names.Insert(0, at.Name);
        }

        return string.Join(' ', names);
    }
}
