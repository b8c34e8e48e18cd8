using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Workflow.Native;

namespace Durability;

/// <summary>A process of FaultHost whose lines can be waited for, and which can be killed, stopped and woken.</summary>
sealed class HostProcess : IAsyncDisposable
{
    readonly Process process;
    readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    readonly ConcurrentQueue<string> said = new();
    readonly Task reading;

    HostProcess(Process process)
    {
        this.process = process;
        reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError)).ContinueWith(_ => lines.Writer.Complete(), TaskScheduler.Default);
    }

    public int Pid => process.Id;

    /// <summary>All it said so far.</summary>
    public string Said => string.Join('\n', said);

    public static HostProcess Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "FaultHost"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>Waits for the first line that fits.</summary>
    public async Task<string> LineAsync(Func<string, bool> fits, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (fits(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The process ended without the line waited for. It said:\n{Said}");
    }

    /// <summary>Waits for a line that fits, or for its end; null where none came.</summary>
    public async Task<string?> LineOrEndAsync(Func<string, bool> fits, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (fits(line))
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>Waits until it has ended or stopped itself at a chaos point; true where it stopped.</summary>
    public async Task<bool> StoppedAsync(CancellationToken cancellationToken)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (line.StartsWith("chaos:", StringComparison.Ordinal))
            {
                // The line is written just before the signal: the kernel's state says when it has taken effect.
                while (State() is not 'T')
                {
                    await Task.Yield();
                    cancellationToken.ThrowIfCancellationRequested();
                }

                return true;
            }
        }

        return false;
    }

    public void Signal(int signal) => _ = Libc.Kill(process.Id, signal);

    public void Wake()
    {
        const int sigCont = 18;
        Signal(sigCont);
    }

    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken);
        await reading.WaitAsync(cancellationToken);
        return process.ExitCode;
    }

    char State()
    {
        var text = File.ReadAllText($"/proc/{process.Id}/stat");
        return text[text.LastIndexOf(')') + 2];
    }

    async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            said.Enqueue(line);
            lines.Writer.TryWrite(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        process.Dispose();
    }
}
