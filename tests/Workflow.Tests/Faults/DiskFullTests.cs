using System.Diagnostics;
using FaultHost;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>A disk that fills while a stage works or publishes, on a small file system in memory.</summary>
public sealed class DiskFullTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_SaysThatTheDiskIsFull_AndResumesOnceThereIsRoom()
    {
        var mount = Directory.CreateTempSubdirectory("workflow-full-").FullName;
        if (await ExecuteAsync("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mount) != 0)
        {
            Directory.Delete(mount);
            Assert.Skip("a small file system cannot be mounted here (root only)");
        }

        try
        {
            var home = new HomePaths(Path.Combine(mount, "home"));
            var service = new RunService(home, Settings.Options());
            var first = await service.RunAsync(new FakeJob { Shape = "three" }.Spec(), new RunRequest("test"), SilentObserver.Instance, Cancellation);
            Assert.Equal("succeeded", first.State);

            // Room for the ledger, none for 12 MB of outputs.
            var ballast = Path.Combine(mount, "ballast");
            var free = new DriveInfo(mount).AvailableFreeSpace;
            await File.WriteAllBytesAsync(ballast, new byte[free - (3 << 20)], Cancellation);
            var big = new FakeJob { Shape = "three", MaxTries = 1, Options = new FakeOptions { Text = new string('x', 20_000) } };
            var watch = new Watch();
            var full = await service.RunAsync(big.Spec(), new RunRequest("test"), watch, Cancellation);
            Assert.Equal(("failed", "disk_full"), (full.State, watch.Failed.Single().Kind));
            Assert.Contains("disk is full", watch.Failed.Single().Message, StringComparison.Ordinal);
            Assert.Empty(Oracle.Between(home));

            // No room even for the ledger.
            await FillAsync(Path.Combine(mount, "rest"));
            var stuck = await Assert.ThrowsAsync<WorkflowException>(() => service.ResumeAsync(full.RunId, new RunRequest("test"), SilentObserver.Instance, Cancellation));
            Assert.Contains("full", stuck.Message, StringComparison.Ordinal);
            File.Delete(Path.Combine(mount, "rest"));
            File.Delete(ballast);
            Assert.Equal("succeeded", (await service.ResumeAsync(full.RunId, new RunRequest("test"), SilentObserver.Instance, Cancellation)).State);
            using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);
            Assert.True(Verifier.Verify(ledger, new ArtifactStore(home), null, false, null, Cancellation).Clean);
        }
        finally
        {
            await ExecuteAsync("umount", "-l", mount);
            Directory.Delete(mount);
        }
    }

    static async Task FillAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        try
        {
            while (true)
            {
                await stream.WriteAsync(new byte[4096], Cancellation);
            }
        }
        catch (IOException)
        {
            // Full now.
        }
    }

    static async Task<int> ExecuteAsync(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(Cancellation);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return 127;
        }
    }
}
