using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>Input that is not as it should be, through the whole program: a clear message and exit code, or a row among the rejects; nothing committed is lost.</summary>
public sealed class BadInputTests(SharedRuns shared) : IDisposable
{
    readonly HomeFolder folder = new();

    string Home => Path.Combine(folder.Path, "home");

    public void Dispose() => folder.Dispose();

    Task<CommandResult> RunAsync(string corpus, params string[] more) =>
        WorkflowProgram.RunAsync(["run", "jobs/tiny.yaml", "--home", Home, "--json", "--set", $"corpus={corpus}", .. more]);

    string Corpus(string name, byte[] bytes)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "corpus-" + name.Replace('.', '-'))).FullName, name);
        File.WriteAllBytes(path, bytes);
        return Path.GetDirectoryName(path)!;
    }

    static byte[] Tiny => [.. new[] { 1, 2, 3 }.SelectMany(i => File.ReadAllBytes(Path.Combine(WorkflowProgram.Root, "jobs", "tiny", $"guides-{i}.jsonl")))];

    static string Blob(HomeFolder home, string hash) => Path.Combine(home.Path, "cas", hash[..2], hash);

    async Task<string[]> RejectsAsync(string run)
    {
        var rows = await WorkflowProgram.RunAsync("query", "SELECT reason FROM rejects ORDER BY 1", "--run", run, "--home", Home, "--json");
        Assert.True(rows.ExitCode == 0, rows.Errors);
        return [.. rows.Json.AsArray().Select(r => (string)r!["reason"]!)];
    }

    [Fact]
    public async Task MissingPath_EndsWithItsNameAndExitCode1()
    {
        var result = await RunAsync(Path.Combine(folder.Path, "nowhere"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nowhere", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Fact]
    public async Task TruncatedGzip_EndsWithTheFileName_AndCommitsNothingOfIt()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Tiny);
        }

        var result = await RunAsync(Corpus("cut.jsonl.gz", packed.ToArray()[..^400]));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cut.jsonl.gz", result.Errors);
        Assert.Equal(["0"], await Sqlite3.QueryAsync(Home, "SELECT count(*) FROM artifact"));
    }

    [Fact]
    public async Task UnreadableRows_GoToTheRejects_AndTheRunGoesOn()
    {
        byte[] bad = [.. Encoding.UTF8.GetBytes("{\"id\":\"bad\",\"title\":\"Not UTF-8 "), 0xC3, 0x28, .. Encoding.UTF8.GetBytes("\",\"content\":\"x\"}\nthis is no JSON\n{\"id\":\"g0001\",\"title\":\"An id twice\",\"content\":\"y\"}\n")];
        var result = await RunAsync(Corpus("rows.jsonl", [.. Tiny, .. bad]));
        Assert.True(result.ExitCode == 0, result.Errors);
        var reasons = await RejectsAsync((string)result.Json["run"]!);
        // Tiny itself holds a row without an id, a row that is no JSON; with the three above: five.
        Assert.Equal(5, reasons.Length);
        Assert.Contains(reasons, r => r.Contains("utf", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(reasons, r => r.Contains("duplicate", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(2, reasons.Count(r => r.Contains("json", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task EmptyCorpus_EndsWithAClearMessage()
    {
        var result = await RunAsync(Corpus("empty.jsonl", []));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The corpus is empty", result.Errors);
    }

    [Fact]
    public async Task WrongJobFile_ListsEveryFaultAtOnce_WithExitCode2()
    {
        var job = Path.Combine(folder.Path, "wrong.yaml");
        await File.WriteAllTextAsync(job, "job: wrong\nseeed: 3\nstages:\n  documents:\n    uses: ingset\n");
        var result = await WorkflowProgram.RunAsync("run", job, "--home", Home);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("seed", result.Errors);
        Assert.Contains("ingest", result.Errors);
        Assert.Contains("wrong.yaml:2", result.Errors);
        Assert.Contains("wrong.yaml:5", result.Errors);
    }

    [Fact]
    public async Task CorruptArtifact_IsFound_NamedAndMadeAgain()
    {
        var before = (await shared.Tiny).Artifacts;
        using var home = await (await shared.Tiny).Home.CopyAsync();
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Blob(home, before["pairs.pairs"])))!;
        var blob = new FileInfo(Blob(home, (string)manifest["members"]![0]!["hash"]!));
        File.SetAttributes(blob.FullName, FileAttributes.Normal);
        using (var stream = blob.Open(FileMode.Open))
        {
            stream.Position = blob.Length / 2;
            stream.WriteByte(0x5A);
            stream.WriteByte(0xA5);
        }

        var verify = await WorkflowProgram.RunAsync("verify", "--home", home.Path);
        Assert.Equal(1, verify.ExitCode);
        Assert.Contains(blob.Name[..12], verify.Output + verify.Errors);
        Assert.Equal(1, (await WorkflowProgram.RunAsync("verify", "--quarantine", "--home", home.Path)).ExitCode);

        var second = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        Assert.True(second.ExitCode == 0, second.Errors);
        Assert.Equal(before, await TinyRun.ArtifactsOfAsync(home.Path, (string)second.Json["run"]!));
        verify = await WorkflowProgram.RunAsync("verify", "--home", home.Path);
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Errors);
    }

    [Fact]
    public async Task FullDisk_FailsTheRunClearly_AndResumeFinishesIt_WhenThereIsRoomAgain()
    {
        var disk = Path.Combine(folder.Path, "disk");
        Directory.CreateDirectory(disk);
        if (Environment.UserName != "root" || await MountAsync("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk) != 0)
        {
            Assert.Skip("a small tmpfs cannot be mounted here (needs root)");
        }

        try
        {
            var home = Path.Combine(disk, "home");
            var full = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home, "--json");
            Assert.Equal(1, full.ExitCode);
            Assert.Contains("space", full.Errors, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(0, await MountAsync("mount", "-o", "remount,size=300m", disk));
            var runs = await WorkflowProgram.RunAsync("runs", "--home", home, "--json");
            var resumed = await WorkflowProgram.RunAsync("resume", (string)runs.Json[0]!["run"]!, "--home", home, "--json");
            Assert.True(resumed.ExitCode == 0, resumed.Errors);
            var verify = await WorkflowProgram.RunAsync("verify", "--home", home);
            Assert.True(verify.ExitCode == 0, verify.Output + verify.Errors);
        }
        finally
        {
            await MountAsync("umount", "-l", disk);
        }
    }

    [Fact]
    public async Task SecondInstance_IsRefused_NamingTheFirst()
    {
        // What was run before is there, so that the run that is handed over ends soon.
        using var home = await (await shared.Tiny).Home.CopyAsync();
        using var server = WorkflowProgram.Start(WorkflowProgram.Root, "serve", "--home", home.Path, "--urls", "http://127.0.0.1:0");
        var drained = server.StandardError.ReadToEndAsync();
        var first = await server.StandardOutput.ReadLineAsync();
        Assert.Contains("http://127.0.0.1:", first);
        var second = await WorkflowProgram.RunAsync("serve", "--home", home.Path, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("pid", second.Errors);

        // Under a live serve, run hands its request over and follows it.
        var run = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("succeeded", (string)run.Json["state"]!);
        await WorkflowProgram.KillGroupAsync(server);
        await drained;
    }

    static async Task<int> MountAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
