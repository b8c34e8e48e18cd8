using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Runs;

public sealed class HomeLockTests : IDisposable
{
    readonly TestHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Lock_IsTakenOnce_AndTellsItsHolder()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using (var first = await HomeLock.TryAcquireAsync(home.Paths, "serve", TimeSpan.FromSeconds(10), TimeProvider.System, cancellation))
        {
            Assert.NotNull(first);
            Assert.Null(await HomeLock.TryAcquireAsync(home.Paths, "run", TimeSpan.FromSeconds(10), TimeProvider.System, cancellation));
            Assert.Equal(("serve", (long)Environment.ProcessId), (HomeLock.Holder(home.Paths)!.Role, HomeLock.Holder(home.Paths)!.Process.Pid));
            Assert.Contains($"pid {Environment.ProcessId}", HomeLock.Refusal(home.Paths).Message, StringComparison.Ordinal);
        }

        Assert.Null(HomeLock.Holder(home.Paths));
        using var next = await HomeLock.TryAcquireAsync(home.Paths, "run", TimeSpan.Zero, TimeProvider.System, cancellation);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Lock_IsHadAtOnce_AfterItsHolderWasKilled()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var job = Path.Combine(home.Root, "job.json");
        await File.WriteAllTextAsync(job, System.Text.Json.JsonSerializer.Serialize(new FaultHost.FakeJob { Shape = "three", Options = new FaultHost.FakeOptions { Fault = "hang" } }), cancellation);
        await using var holder = HostProcess.Start(["go", home.Root, job]);
        await holder.LineAsync(l => l == "log three hanging", cancellation);
        Assert.Equal(holder.Pid, HomeLock.Holder(home.Paths)!.Process.Pid);
        holder.Signal(Workflow.Native.Libc.SigKill);

        // Not waited for: the kill is on its way, the lock may still be held.
        using var next = await HomeLock.TryAcquireAsync(home.Paths, "run", TimeSpan.FromSeconds(10), TimeProvider.System, cancellation);
        Assert.NotNull(next);
    }
}
