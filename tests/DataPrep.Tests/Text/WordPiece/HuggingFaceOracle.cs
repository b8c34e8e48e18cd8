using System.Diagnostics;
using System.Text.Json;

namespace DataPrep.Tests.Text.WordPiece;

/// <summary>Ids from Hugging Face tokenizers 0.23.2, installed by npm into a folder of temporary files on first use; tests skip where that cannot be.</summary>
static class HuggingFaceOracle
{
    const string Version = "0.23.2";

    static readonly SemaphoreSlim Gate = new(1);

    /// <summary>Ids of the texts by the tokenizer.json of a folder.</summary>
    public static Task<int[][]> EncodeAsync(string tokenizerFolder, IReadOnlyList<string> texts, CancellationToken cancellationToken) =>
        EncodeJsonAsync<int[]>(tokenizerFolder, texts.Select(text => JsonSerializer.Serialize(text)), cancellationToken);

    /// <summary>The same of pairs of texts.</summary>
    public static Task<int[][]> EncodePairsAsync(string tokenizerFolder, IReadOnlyList<(string First, string Second)> pairs, CancellationToken cancellationToken) =>
        EncodeJsonAsync<int[]>(tokenizerFolder, pairs.Select(Line), cancellationToken);

    /// <summary>The same with the type ids: of each pair an array of ids and an array of types.</summary>
    public static Task<int[][][]> EncodePairsWithTypesAsync(string tokenizerFolder, IReadOnlyList<(string First, string Second)> pairs, CancellationToken cancellationToken) =>
        EncodeJsonAsync<int[][]>(tokenizerFolder, pairs.Select(Line), cancellationToken, "types");

    /// <summary>Runs a script of the tests' own folder, with the folder of the modules as its first argument.</summary>
    public static async Task RunScriptAsync(string script, string[] arguments, CancellationToken cancellationToken)
    {
        var modules = await InstallAsync(cancellationToken);
        var (exit, output) = await RunAsync("node", [Path.Combine(AppContext.BaseDirectory, script), modules, .. arguments], modules, cancellationToken);
        Assert.True(exit == 0, output);
    }

    static string Line((string First, string Second) pair) => JsonSerializer.Serialize(new[] { pair.First, pair.Second });

    static async Task<T[]> EncodeJsonAsync<T>(string tokenizerFolder, IEnumerable<string> lines, CancellationToken cancellationToken, params string[] more)
    {
        var modules = await InstallAsync(cancellationToken);
        var work = Directory.CreateTempSubdirectory("huggingface-oracle-");
        try
        {
            var (textsFile, idsFile) = (Path.Combine(work.FullName, "texts.jsonl"), Path.Combine(work.FullName, "ids.jsonl"));
            await File.WriteAllLinesAsync(textsFile, lines, cancellationToken);
            var script = Path.Combine(AppContext.BaseDirectory, "Text", "WordPiece", "huggingface.js");
            var (exit, output) = await RunAsync("node", [script, modules, Path.Combine(tokenizerFolder, "tokenizer.json"), textsFile, idsFile, .. more], work.FullName, cancellationToken);
            Assert.True(exit == 0, output);
            return [.. File.ReadLines(idsFile).Select(line => JsonSerializer.Deserialize<T>(line)!)];
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    static async Task<string> InstallAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"huggingface-tokenizers-{Version}-{Environment.UserName}");
        await Gate.WaitAsync(cancellationToken);
        try
        {
            if (!File.Exists(Path.Combine(folder, "node_modules", "tokenizers", "package.json")))
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), "{}", cancellationToken);
                var (exit, output) = await RunAsync("npm", ["install", "--no-audit", "--no-fund", $"tokenizers@{Version}"], folder, cancellationToken);
                if (exit != 0)
                {
                    Assert.Skip($"npm could not install tokenizers {Version}: {output}");
                }
            }

            return folder;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            Assert.Skip($"no node or npm: {fault.Message}");
            throw;
        }
        finally
        {
            Gate.Release();
        }
    }

    static async Task<(int Exit, string Output)> RunAsync(string program, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
