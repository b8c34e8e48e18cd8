using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>The command line with <c>--server</c> against a real host over HTTP.</summary>
public sealed class RemoteTests(RemoteHome home) : IClassFixture<RemoteHome>
{
    /// <summary>Read commands; FAILED and CHANGED stand for the runs' ids.</summary>
    public static TheoryData<string> Reads =>
    [
        "runs", "runs --json", "runs --limit 2 --json", "show last", "show last --json", "show CHANGED", "show CHANGED --json", "show FAILED", "show FAILED --json", "logs last", "logs last --json", "logs last --stage documents --limit 1", "logs last --follow", "logs FAILED --follow --json",
        "why CHANGED documents", "why CHANGED documents --json", "why FAILED documents --json", "diff CHANGED", "diff CHANGED FAILED --all", "diff CHANGED --json", "diff FAILED", "lineage CHANGED/report --up", "lineage CHANGED/documents --down", "lineage CHANGED/report --json", "lineage CHANGED/report --format dot", "lineage CHANGED/report --format openlineage",
        "schedule list", "schedule list --all --json", "schedule show nightly", "schedule show nightly --json", "schedule show follow", "schedule next nightly", "schedule next weekly -n 3 --json", "slots", "slots --json", "slots show champion --json", "workers", "workers --json", "queue list", "queue list --json",
        "show nosuchrun", "logs 0", "why last nostage", "lineage nosuch.slot", "schedule show none", "schedule next follow", "slots show none",
    ];

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Read_PrintsTheSameBytes_HereAndThere(string line)
    {
        var arguments = line.Replace("CHANGED", home.Changed).Replace("FAILED", home.Failed).Split(' ');
        var here = await home.HereAsync(arguments);
        var there = await home.ThereAsync(arguments);
        Assert.Equal((here.ExitCode, here.Output, here.Error), (there.ExitCode, there.Output, there.Error));
        Assert.NotEqual("", here.Output + here.Error);
    }

    /// <summary>Commands that are refused before anything is asked, with what is said.</summary>
    public static TheoryData<string, string> Unfit => new()
    {
        { "doctor --server http://127.0.0.1:9", "`workflow doctor` works on this machine alone: it looks at this machine" },
        { "gc --server http://127.0.0.1:9", "works on this machine alone" },
        { "runs --server http://127.0.0.1:9 --home x", "exclude each other" },
        { "runs --server ftp://x", "expected the address of a `workflow serve`" },
        { "runs --server nonsense", "expected the address of a `workflow serve`" },
        { "runs --server http://ann:secret@127.0.0.1:9", "found a name or password in the address" },
        { "runs --server http://training.example:5080 --token-file token", "was not sent to http://training.example:5080: over plain http anybody on the way can read it" },
        { "runs --server https://training.example --token-file none", "there is no file" },
        { "runs --server https://training.example --token-file empty", "is empty" },
        { "runs --server https://training.example --token-file two", "more than one word" },
        { "run jobs/small.yaml --slots cpu=2 --server http://127.0.0.1:9", "at a server its `serve --slots` does" },
        { "run jobs/none.yaml --server http://127.0.0.1:9", "There is no job file 'jobs/none.yaml'" },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task Command_IsRefused_BeforeAnythingIsSent(string line, string words)
    {
        foreach (var (name, text) in new[] { ("token", "secret\n"), ("empty", " \n"), ("two", "a b") })
        {
            var file = Path.Combine(home.Folder, name);
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            RemoteHome.Mode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var answer = await RemoteHome.RunAsync(home.Folder, TimeProvider.System, line.Split(' '));
        Assert.Equal((2, ""), (answer.ExitCode, answer.Output));
        Assert.Contains(words, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatIsNotThere_OrIsNone_IsTold()
    {
        var (url, close) = await FakeServer.StartAsync(_ => (200, [], "<html>hello</html>"));
        var none = await RemoteHome.RunAsync(home.Folder, TimeProvider.System, ["runs", "--server", url]);
        await close();
        Assert.Equal(1, none.ExitCode);
        Assert.Contains($"What answers at {url} (status 200) has no workflow API", none.Error, StringComparison.Ordinal);
        var down = await RemoteHome.RunAsync(home.Folder, TimeProvider.System, ["runs", "--server", url]);
        Assert.Equal(1, down.ExitCode);
        Assert.Contains($"The server {url} cannot be reached: Connection refused", down.Error, StringComparison.Ordinal);
    }

    /// <summary>Answers of a server, and what the command says of them.</summary>
    public static TheoryData<int, string, string, string> Told => new()
    {
        { 200, "2", "[]", "speaks version 2 of the API; this command is 1.0.0 and speaks version 1" },
        { 401, "1", "{}", "does not know this token" },
        { 403, "1", """{"type":"x","detail":"Your role does not allow this."}""", "does not allow it: Your role does not allow this." },
        { 429, "1", """{"type":"x","detail":"Wait."}""", "asks to slow down: Wait." },
        { 404, "1", """{"type":"/docs/api#unknown-address","detail":"There is nothing."}""", "is workflow 9.9.9 and does not know this request" },
        { 500, "1", "oops", "failed (500)" },
        { 200, "1", "{\"items\":5}", "does not understand" },
        { 302, "", "", "sends elsewhere: https://elsewhere.example/" },
    };

    [Theory]
    [MemberData(nameof(Told))]
    public async Task Refusal_OfAServer_SaysWhatToDo(int status, string api, string body, string words)
    {
        var tokens = new List<string>();
        var (url, close) = await FakeServer.StartAsync(request =>
        {
            tokens.Add(request.Headers.Authorization.ToString());
            return (status, api.Length > 0 ? [("Workflow-Api", api), ("Workflow-Version", "9.9.9")] : [("Location", "https://elsewhere.example/")], body);
        });
        var answer = await RemoteHome.RunAsync(home.Folder, TimeProvider.System, ["runs", "--json"], new Dictionary<string, string> { ["WORKFLOW_SERVER"] = url, ["WORKFLOW_TOKEN"] = "s3cret" });
        await close();
        Assert.Equal((1, ""), (answer.ExitCode, answer.Output));
        Assert.Contains(words, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["Bearer s3cret"], tokens);
    }

    [Fact]
    public async Task Variable_NamesTheServer_UnlessAHomeIsNamed_AndStopsCommandsOfStores()
    {
        var variables = new Dictionary<string, string> { ["WORKFLOW_SERVER"] = home.Host.Address };
        var there = await RemoteHome.RunAsync(home.Folder, home.Time, ["runs", "--json"], variables);
        Assert.Equal((await home.HereAsync("runs", "--json")).Output, there.Output);
        var named = await RemoteHome.RunAsync(home.Folder, home.Time, ["runs", "--json", "--home", "nowhere"], variables);
        Assert.Equal("[]\n", named.Output);
        var gc = await RemoteHome.RunAsync(home.Folder, home.Time, ["gc", "--dry-run"], variables);
        Assert.Equal(2, gc.ExitCode);
        Assert.Contains($"WORKFLOW_SERVER names {home.Host.Address}", gc.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RemoteHome.RunAsync(home.Folder, home.Time, ["gc", "--dry-run", "--home", home.Home], variables)).ExitCode);
        Assert.Equal(0, (await RemoteHome.RunAsync(home.Folder, home.Time, ["validate", "jobs/small.yaml"], variables)).ExitCode);
    }

    [Fact]
    public async Task TokenFile_ThatOthersCanRead_IsTold_AndAnUnknownTokenIsRefused()
    {
        var file = Path.Combine(home.Folder, "open");
        await File.WriteAllTextAsync(file, "secret", TestContext.Current.CancellationToken);
        RemoteHome.Mode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var answer = await home.ThereAsync("runs", "--token-file", "open");
        Assert.Equal(1, answer.ExitCode);
        Assert.Equal($"Others on this machine can read {file}: chmod 600 {file}\nThe server {home.Host.Address} does not know this token: it may be mistyped, expired or withdrawn. An admin makes a new one.\n", answer.Error);
    }
}
