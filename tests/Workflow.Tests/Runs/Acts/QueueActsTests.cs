using System.Text.Json;
using FaultHost;
using Workflow.Cli;
using Workflow.Tests.Jobs;
using Xunit;

namespace Workflow.Tests.Runs.Acts;

/// <summary>Pauses of queues: nothing new starts, an end that comes by itself, and the command line.</summary>
public sealed class QueueActsTests : IAsyncDisposable
{
    readonly ActingHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => home.DisposeAsync();

    [Fact]
    public async Task Pause_LetsNothingNewStart_AndEndsByItself()
    {
        await home.ServeAsync();
        var before = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hold", Gate = Path.Combine(home.Folder, "gate") } });
        await home.NodeAsync(before, "three", "running");
        await home.Acts.Queues!.PauseAsync("cpu", "ann", "night shift", null, Cancellation);
        var after = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Text = "new" } });
        await home.NodeAsync(after, "three", "ready");

        // What runs goes on to its end, and frees its slot; the next one still waits.
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "gate"), "", Cancellation);
        await home.StateAsync(before, "succeeded");
        await home.UntilAsync("SELECT COUNT(*)||'' FROM slot WHERE attempt_id IS NOT NULL", "0");
        Assert.Equal("ready", home.Value($"SELECT state FROM node WHERE run_id='{after}'"));

        // Results that are there already need no slot.
        var same = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hold", Gate = Path.Combine(home.Folder, "gate") } });
        await home.StateAsync(same, "succeeded");
        Assert.Equal("three=reused", home.States(same));

        await home.Acts.Queues!.PauseAsync("cpu", "bob", "only a little longer", TimeProvider.System.GetUtcNow().AddMilliseconds(300), Cancellation);
        await home.StateAsync(after, "succeeded");
        await home.UntilAsync("SELECT COUNT(*)||'' FROM queue_pause", "0");
        Assert.Equal(["ann|queue.pause|cpu|night shift", "bob|queue.pause|cpu|only a little longer", "workflow|queue.resume|cpu|the end of the pause by bob has come"], home.Audit());
        Assert.Contains("night shift", home.Value("SELECT before_json FROM audit WHERE actor='bob'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_IsRefused_WithoutAReason_WithAPastEnd_AndForNoSuchQueue()
    {
        async Task<string> Fault(string queue, string reason, DateTimeOffset? until) =>
            (await Assert.ThrowsAsync<WorkflowException>(() => home.Acts.Queues!.PauseAsync(queue, "ann", reason, until, Cancellation))).Message;
        Assert.StartsWith("A pause needs a reason", await Fault("cpu", " ", null), StringComparison.Ordinal);
        Assert.Contains("expected a time after now", await Fault("cpu", "x", DateTimeOffset.UnixEpoch), StringComparison.Ordinal);
        Assert.Equal("No queue 'cpus' in this home; did you mean 'cpu'? Known: cpu, gpu.", await Fault("cpus", "x", null));
        Assert.Equal("The queue gpu is not paused.", (await Assert.ThrowsAsync<WorkflowException>(() => home.Acts.Queues!.ResumeAsync("gpu", "ann", "", Cancellation))).Message);
        Assert.Empty(home.Audit());
    }

    [Fact]
    public async Task Command_ListsPausesAndResumes()
    {
        var paused = await JsonAsync("pause", "gpu", "--reason", "driver update", "--until", "12h");
        Assert.Equal(("gpu", "paused", "driver update"), (paused.GetProperty("queue").GetString(), paused.GetProperty("state").GetString(), paused.GetProperty("reason").GetString()));
        Assert.InRange(paused.GetProperty("until").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddHours(11), TimeProvider.System.GetUtcNow().AddHours(12));
        Assert.Equal(["cpu open", "gpu paused"], (await JsonAsync("list")).EnumerateArray().Select(q => $"{q.GetProperty("queue").GetString()} {q.GetProperty("state").GetString()}"));
        Assert.Contains("driver update", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal("gpu: open\n", (await RunAsync("resume", "gpu")).Output);
        var fault = await RunAsync("pause", "gpu", "--reason", "x", "--until", "tomorrow");
        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("--until: found 'tomorrow'; expected a length such as 90m", fault.Error, StringComparison.Ordinal);
    }

    async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var answer = await RunAsync([.. arguments, "--json"]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return JsonDocument.Parse(answer.LastLine).RootElement;
    }

    async Task<Cli.ProcessAnswer> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(["queue", .. arguments, "--home", home.Paths.Root], new CliContext(SampleStage.Table, TimeProvider.System, output, error, home.Folder), Cancellation);
        return new Cli.ProcessAnswer(code, output.ToString(), error.ToString());
    }
}
