using System.Text.Json;
using System.Threading.Channels;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard.Access;
using Workflow.Ledger;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>A home under a live <c>serve</c> in this process, and the command line to ask it.</summary>
public sealed class ServedHome : IAsyncLifetime
{
    readonly CancellationTokenSource stop = new();
    readonly Dictionary<string, string> tokens = new(StringComparer.Ordinal);
    Task<int> serving = Task.FromResult(0);

    internal string Folder { get; } = Directory.CreateTempSubdirectory("workflow-served-").FullName;

    internal string Address { get; private set; } = "";

    /// <summary>Its ledger, for reading.</summary>
    internal LedgerDb Ledger { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "jobs"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "jobs", "small.yaml"), RemoteHome.Job);
        await File.WriteAllTextAsync(Path.Combine(Folder, "jobs", "broken.yaml"), "job: broken\nstages:\n  documents: { uses: write, max_tries: 1, with: { text: x, fails: true } }\n");
        var home = Path.Combine(Folder, "home");
        var accounts = new AccountStore(new HomePaths(home), TimeProvider.System);
        foreach (var (name, role) in new[] { ("otto", Role.Operator), ("vera", Role.Viewer) })
        {
            accounts.Add(name, role, "correct horse battery", "test", "seeded");
            tokens[name] = accounts.AddToken(name, "test", 1, "test", "seeded").Token;
        }

        var output = new FirstLine();
        var context = new CliContext(RemoteHome.Stages, TimeProvider.System, output, TextWriter.Null, Folder) { Variable = _ => null };
        serving = CommandLine.RunAsync(["serve", "--jobs", "jobs", "--url", "http://127.0.0.1:0", "--home", home, "--json", "--sign-in"], context, stop.Token);
        var line = await output.ReadAsync(serving);
        Address = JsonDocument.Parse(line).RootElement.GetProperty("address").GetString()!;
        Ledger = LedgerDb.OpenRead(Path.Combine(home, "ledger.db"), TimeProvider.System);
        while (Ledger.Read(db => db.Number("SELECT COUNT(*) FROM schedule")) < 3)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>A command about the server, with the token of an operator.</summary>
    internal Task<ProcessAnswer> ThereAsync(params string[] arguments) => AsAsync("otto", arguments);

    /// <summary>A command about the server, with the token of an account, or another text for one; null for none.</summary>
    internal Task<ProcessAnswer> AsAsync(string? account, params string[] arguments) => RemoteHome.RunAsync(Folder, TimeProvider.System, arguments,
        new Dictionary<string, string> { ["WORKFLOW_SERVER"] = Address, ["WORKFLOW_TOKEN"] = account is null ? "" : tokens.GetValueOrDefault(account, account) });

    /// <summary>Lines of the audit about a target: who, what, why.</summary>
    internal List<string> Audit(string target) =>
        Ledger.Read(db => db.Query("SELECT actor, action, reason FROM audit WHERE target=?1 ORDER BY seq", r => $"{r.Text(0)} {r.Text(1)} {r.TextOrNull(2)}", target));

    /// <summary>The id of the run whose first stage writes a text, once that runs.</summary>
    internal async Task<string> WaitForRunAsync(string text)
    {
        while (true)
        {
            var run = Ledger.Read(db => db.Text("SELECT t.run_id FROM attempt_log l JOIN attempt t USING(attempt_id) WHERE t.state='running' AND l.line='writing '||?1", text));
            if (run is not null)
            {
                return run;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a run has ended.</summary>
    internal async Task WaitForEndAsync(string run)
    {
        while (Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", run)) is not { } state || !RunStates.Ended(state))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        stop.Dispose();
        Ledger.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Hands over the line that tells the address.</summary>
    sealed class FirstLine : StringWriter
    {
        readonly Channel<string> lines = Channel.CreateUnbounded<string>();

        public override void WriteLine(string? value) => lines.Writer.TryWrite(value ?? "");

        public async Task<string> ReadAsync(Task<int> writer)
        {
            var line = lines.Reader.ReadAsync().AsTask();
            return await Task.WhenAny(line, writer) == line ? await line : throw new InvalidOperationException($"It ended before it served: exit {await writer}.");
        }
    }
}
