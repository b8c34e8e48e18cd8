using System.Diagnostics;
using System.Text.Json;

namespace Bench;

/// <summary>Hugging Face tokenizers in a node process that lives as long as the bench, on one thread.</summary>
sealed class TokenizersPeer : IDisposable
{
    public const string Version = "0.23.2";

    readonly Process node;

    /// <summary>Starts the process with a tokenizer.json and texts, one JSON string per line.</summary>
    public TokenizersPeer(string tokenizerJson, string textsFile, int batch)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "tokenizers.mjs");
        var start = new ProcessStartInfo("node", ["--expose-gc", "--max-old-space-size=4096", script, Install(), tokenizerJson, textsFile, $"{batch}"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["RAYON_NUM_THREADS"] = "1";
        start.Environment["TOKENIZERS_PARALLELISM"] = "false";
        node = Process.Start(start)!;
        Answer();
    }

    /// <summary>Ids of every text, from the file that the process writes.</summary>
    public IEnumerable<int[]> Ids(string file)
    {
        Ask($"gate {file}");
        using var reader = new BinaryReader(new BufferedStream(File.OpenRead(file), 1 << 20));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var ids = new int[reader.ReadInt32()];
            reader.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(ids.AsSpan()));
            yield return ids;
        }
    }

    /// <summary>Seconds on the clock and of the processor for the texts of a range.</summary>
    public (double Wall, double Cpu) Time(Range texts, bool readIds)
    {
        var answer = Ask($"{(readIds ? "ids" : "round")} {texts.Start.Value} {texts.End.Value}");
        return (answer.GetProperty("wall").GetDouble(), answer.GetProperty("cpu").GetDouble());
    }

    public void Dispose()
    {
        node.StandardInput.Close();
        if (!node.WaitForExit(5000))
        {
            node.Kill();
        }

        node.Dispose();
    }

    JsonElement Ask(string command)
    {
        node.StandardInput.WriteLine(command);
        node.StandardInput.Flush();
        return Answer();
    }

    JsonElement Answer() => JsonDocument.Parse(node.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the peer ended; its errors stand above")).RootElement;

    // The folder that the tests install it into too.
    static string Install()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"huggingface-tokenizers-{Version}-{Environment.UserName}");
        if (!File.Exists(Path.Combine(folder, "node_modules", "tokenizers", "package.json")))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "package.json"), "{}");
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", $"tokenizers@{Version}"]) { WorkingDirectory = folder })!;
            npm.WaitForExit();
        }

        return folder;
    }
}
