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
}
