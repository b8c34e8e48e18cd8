using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Tables;
using Workflow.Artifacts;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Engine;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Runs;
using Workflow.Stages;
using HostOptions = Workflow.Runs.HostOptions;

namespace Workflow.Cli;

/// <summary>What commands are given: the program's parts, its streams, and the options that every command has.</summary>
sealed class CliContext(StageTable stages, TimeProvider time, TextWriter output, TextWriter error, string currentFolder)
{
    /// <summary>The data folder.</summary>
    public Option<string> Home { get; } = new("--home")
    {
        Description = "Data folder; WORKFLOW_HOME sets it too",
        HelpName = "FOLDER",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("WORKFLOW_HOME") is { Length: > 0 } home ? home : ".workflow",
    };

    /// <summary>Machine-readable output.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as one line of JSON", Recursive = true };

    /// <summary>A server whose home is meant instead of a folder of this machine.</summary>
    public Option<string?> Server { get; } = new("--server") { Description = "Address of a `workflow serve` to work with instead of a folder here; WORKFLOW_SERVER sets it too", HelpName = "URL", Recursive = true };

    /// <summary>Where the token for it stands: never an argument, which every user of the machine could read.</summary>
    public Option<string?> TokenFile { get; } = new("--token-file") { Description = "File with the token for the server; WORKFLOW_TOKEN holds one too", HelpName = "FILE", Recursive = true };

    /// <summary>Lets a token go over a connection that anybody on the way can read.</summary>
    public Option<bool> InsecureHttp { get; } = new("--insecure-http") { Description = "Send the token over plain http to another machine", Recursive = true };

    /// <summary>Environment variables; null reads the process's.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    public StageTable Stages { get; } = stages;

    public TimeProvider Time { get; } = time;

    /// <summary>Standard output: results only.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Standard error: progress, warnings, faults.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Folder that relative paths of arguments start from.</summary>
    public string CurrentFolder { get; } = currentFolder;

    /// <summary>Opens the table port.</summary>
    public Func<ITableStore> Tables { get; init; } = () => throw new InvalidOperationException("No tables were given.");

    /// <summary>Answers SQL.</summary>
    public TableQuery Query { get; init; } = (_, _, _) => throw new InvalidOperationException("No query engine was given.");

    /// <summary>Job engines by name, the default first.</summary>
    public IReadOnlyDictionary<string, Func<HomePaths, TimeProvider, IJobEngine>> Engines { get; init; } =
        new Dictionary<string, Func<HomePaths, TimeProvider, IJobEngine>>(StringComparer.Ordinal) { ["inline"] = (_, time) => new InlineEngine(time) };

    /// <summary>Class of environment that bit-exact stages put into their memo key; null takes the host's own.</summary>
    public Func<string>? EnvironmentClass { get; init; }

    /// <summary>Whether progress goes to a terminal.</summary>
    public bool OnTerminal { get; init; }

    /// <summary>The server that is meant; null where a folder of this machine is.</summary>
    /// <exception cref="WorkflowException">Its address or token cannot be used.</exception>
    public RemoteServer? Remote(ParseResult parse) => RemoteAddress.Of(this, parse) is { } address ? new RemoteServer(address, Time) : null;

    /// <summary>Reads of the home that is meant: here or at a server.</summary>
    public IHomeReads Reads(ParseResult parse) => Remote(parse) is { } server ? new RemoteReads(server) : new LedgerReads(PathsOf(parse), Time)
    {
        Paired = (scores, before, after, cancellationToken) => Task.FromResult<IReadOnlyList<DiffFigure>?>(PairedScores.Compare(scores, Tables(), before, after, cancellationToken)),
    };

    public HomePaths PathsOf(ParseResult parse) => new(PathOf(parse.GetValue(Home)!));

    public bool WantsJson(ParseResult parse) => parse.GetValue(Json);

    /// <summary>A path of the command line, absolute.</summary>
    public string PathOf(string path) => Path.GetFullPath(path, CurrentFolder);

    /// <summary>The home's ledger for reading; never locks.</summary>
    public LedgerDb OpenRead(ParseResult parse) => LedgerDb.OpenRead(PathsOf(parse).Ledger, Time);

    /// <summary>The home's ledger for writing; it must be there.</summary>
    public LedgerDb OpenExisting(ParseResult parse)
    {
        OpenRead(parse).Dispose();
        return LedgerDb.Open(PathsOf(parse).Ledger, Time);
    }

    /// <summary>Says, where nobody serves the home, what serving it would do.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="what">What `workflow serve` would do: "executes it".</param>
    public void TellUnserved(ParseResult parse, string what)
    {
        if (HomeLock.Holder(PathsOf(parse))?.Role != "serve")
        {
            Error.WriteLine($"Nobody serves this home: `workflow serve` {what}.");
        }
    }

    /// <summary>How this process executes runs.</summary>
    public HostOptions Host()
    {
        var options = new HostOptions { Time = Time, JobFromJson = json => JobFileReader.FromStored(json, Stages), ScheduledJobs = Schedules.ScheduledJobs.Over(Stages), Log = Error.WriteLine };
        return EnvironmentClass is { } environment ? options with { EnvironmentClass = environment } : options;
    }

    /// <summary>Shows a run's progress.</summary>
    public IRunObserver Observer() => OnTerminal ? new TerminalObserver(Time, Error, () => Console.WindowWidth) : new PlainObserver(Time, Error);

    /// <summary>Prints the result as one compact line.</summary>
    public void WriteJson(JsonNode node) => Output.WriteLine(node.ToJsonString(OptionsJson.Format));

    /// <summary>Prints a result of the API's shapes as one compact line.</summary>
    public void WriteShape<T>(T shape) => Output.WriteLine(ApiJson.Text(shape));

    /// <summary>Prints stored JSON as one compact line.</summary>
    public void WriteJson(string json)
    {
        using var document = JsonDocument.Parse(json);
        Output.WriteLine(JsonSerializer.Serialize(document.RootElement, OptionsJson.Format));
    }
}
