using System.Diagnostics;
using System.Text.Json;

namespace Trainer.Tests.Torch;

/// <summary>One python3 for all tests that has torch loaded and runs each script in a fork of its own: loading takes longer than most scripts. It ends with this process, whose end of the pipe closes.</summary>
sealed class TorchHost
{
    const string Interpreter = "/usr/bin/python3";

    static readonly Lazy<TorchHost> Running = new(() => new TorchHost());

    readonly Lock _one = new();
    readonly Process? _process;

    TorchHost()
    {
        if (!File.Exists(Interpreter))
        {
            return;
        }

        var start = new ProcessStartInfo(Interpreter, [Path.Combine(AppContext.BaseDirectory, "Torch", "torch_host.py")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        start.Environment["GOMP_SPINCOUNT"] = "0";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        Version = _process.StandardOutput.ReadLine()?.Trim();
    }

    /// <summary>The one; started when first asked for.</summary>
    public static TorchHost Shared => Running.Value;

    /// <summary>Version of its torch; null where python3 or torch is missing.</summary>
    public string? Version { get; }

    /// <summary>Runs a script to its end, one at a time.</summary>
    /// <param name="script">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Exit code (below 0 for a signal) and what it wrote.</returns>
    public (int Code, string Output, string Error) Run(string script, IEnumerable<string> arguments)
    {
        var folder = Directory.CreateTempSubdirectory("torch-host-");
        try
        {
            var (output, error) = (Path.Combine(folder.FullName, "output"), Path.Combine(folder.FullName, "error"));
            lock (_one)
            {
                _process!.StandardInput.WriteLine(JsonSerializer.Serialize(new { script = Path.GetFullPath(script), arguments, output, error }));
                _process.StandardInput.Flush();
                var code = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"python3 ended while it ran {script}.");
                return (int.Parse(code), File.ReadAllText(output), File.ReadAllText(error));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
