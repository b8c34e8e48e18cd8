using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Workflow.Tests.Cli;

public sealed class ServeCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("workflow-serve-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Serve_ShowsTheHome_RefusesASecond_AndEndsOnInterrupt()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var serve = Process.Start(new ProcessStartInfo(WorkflowProcess.Executable, ["serve", "--url", "http://127.0.0.1:0", "--home", "home", "--json"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var line = await serve.StandardOutput.ReadLineAsync(cancellation);
            Assert.NotNull(line);
            using var browser = new HttpClient();
            Assert.Contains("<html", await browser.GetStringAsync(JsonDocument.Parse(line).RootElement.GetProperty("address").GetString()!, cancellation));

            var second = await WorkflowProcess.RunAsync(folder, "serve", "--home", "home", "--url", "http://127.0.0.1:0");
            Assert.Equal((1, ""), (second.ExitCode, second.Output));
            Assert.Contains($"pid {serve.Id}", second.Error);

            using var interrupt = Process.Start("kill", ["-INT", serve.Id.ToString()]);
            await serve.WaitForExitAsync(cancellation);
            Assert.Equal(0, serve.ExitCode);
        }
        finally
        {
            serve.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Serve_IsRefused_WhenTheAddressIsNotOnLoopback()
    {
        var answer = await WorkflowProcess.RunAsync(folder, "serve", "--home", "home", "--url", "http://0.0.0.0:0");

        Assert.Equal(2, answer.ExitCode);
        Assert.Contains("127.0.0.1", answer.Error);
    }
}
