using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Workflow.Tests.Cli;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>The unit file as systemd reads it, and the served program as its manager hears it.</summary>
public sealed class ServiceUnitTests : IDisposable
{
    readonly TestHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Unit_IsFoundSoundBySystemd()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed.");

        // The program need not be installed to check the rest.
        var unit = Path.Combine(home.Root, "workflow.service");
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "deploy", "workflow.service"), Cancellation);
        Assert.Contains("Type=notify", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(unit, text.Replace("/opt/workflow/workflow", "/bin/true", StringComparison.Ordinal), Cancellation);
        using var analyze = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", unit]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = await analyze.StandardError.ReadToEndAsync(Cancellation) + await analyze.StandardOutput.ReadToEndAsync(Cancellation);
        await analyze.WaitForExitAsync(Cancellation);
        Assert.Equal((0, ""), (analyze.ExitCode, said.Trim()));
    }

    [Fact]
    public async Task Serve_TellsItsManager_ReadyAliveAndStopping()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(Path.Combine(home.Root, "notify")));
        var start = new ProcessStartInfo(WorkflowProcess.Executable, ["serve", "--home", Path.Combine(home.Root, "home"), "--url", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = Path.Combine(home.Root, "notify");
        start.Environment["WATCHDOG_USEC"] = "60000000";
        using var serve = Process.Start(start)!;
        try
        {
            var heard = new List<string>();
            await HearAsync("READY=1");
            using var terminate = Process.Start("kill", ["-TERM", serve.Id.ToString()]);
            await HearAsync("STOPPING=1");
            await serve.WaitForExitAsync(Cancellation);
            Assert.Equal(0, serve.ExitCode);
            Assert.Contains("WATCHDOG=1", heard);

            async Task HearAsync(string what)
            {
                var buffer = new byte[4096];
                do
                {
                    heard.Add(Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, Cancellation)));
                }
                while (!heard[^1].StartsWith(what, StringComparison.Ordinal));
            }
        }
        finally
        {
            serve.Kill(entireProcessTree: true);
        }
    }
}
