using System.Diagnostics;
using DataPrep.Shards;
using Trainer.Tests.Torch;
using Trainer.Tests.Training;
using Trainer.Training;

namespace Trainer.Tests.App;

/// <summary>The trainer as it is carried: published with its own .NET, trimmed and compressed. It must stay small and train as the program does that it was taken from.</summary>
[Collection(TorchCollection.Name)]
public sealed class PublishedTrainerTests : IDisposable
{
    const long Limit = 45L << 20;

    static readonly Lazy<(string? Folder, string Said)> Published = new(Publish);

    readonly TrainFixture fixture;

    public PublishedTrainerTests()
    {
        PythonTorch.RequireTorch();
        Assert.SkipWhen(Published.Value.Folder is null && Published.Value.Said.Contains("error NU1", StringComparison.Ordinal), "the packages of a self-contained .NET cannot be fetched on this machine");
        Assert.True(Published.Value.Folder is not null, Published.Value.Said);
        fixture = new TrainFixture(1);
    }

    [Fact]
    public void Folder_StaysBelow45MiB_AndHoldsWhatTheOtherMachineNeeds()
    {
        var files = Directory.GetFiles(Published.Value.Folder!, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(Published.Value.Folder!, f), f => new FileInfo(f).Length);
        Assert.InRange(files.Values.Sum(), 1, Limit);
        Assert.Superset(new HashSet<string> { "trainer", "prove-cuda.sh", "native/build.sh", "native/shim.h", "native/devices.cpp" }, files.Keys.ToHashSet());
        Assert.DoesNotContain(files.Keys, f => f.Contains("duckdb", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".dll", StringComparison.Ordinal));
    }

    [Fact]
    public void Doctor_FindsTheCpuAndNoFault()
    {
        var (code, output, error) = Run("doctor", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("\"device\":\"cpu\"", output, StringComparison.Ordinal);
        Assert.Contains("\"faults\":[]", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_GivesTheBytesOfTheWholeProgram_AlsoWhenItWasKilledAndGoesOn()
    {
        var options = TrainFixture.Options with { QueryLength = 16, PassageLength = 64, Epochs = 12 };
        using var observer = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("own"), options, observer, CancellationToken.None);

        var set = fixture.Folder("set");
        var manifest = new PackedManifest
        {
            DataDigest = "synthetic",
            Seed = 5,
            VocabularySize = 405,
            QueryLength = 16,
            PassageLength = 64,
            QueryPrompt = "",
            PassagePrompt = "",
            SpecialTokens = false,
        };
        PackedTrainingSetWriter.Write(set, fixture.Set, [new ShardSummary(0, 600)], fixture.Tokenizer, fixture.Dev, manifest);
        TrainOptionsFile.Write(Path.Combine(set, "options.json"), options);

        using (var killed = Start("train", "--set", set, "--output", fixture.Folder("killed-output"), "--checkpoints", fixture.Folder("saved"), "--threads", "1"))
        {
            while (killed.StandardError.ReadLine() is { } line && !line.StartsWith("checkpoint of step 12 ", StringComparison.Ordinal))
            {
            }

            killed.Kill();
            killed.WaitForExit();
        }

        Assert.False(File.Exists(Path.Combine(fixture.Folder("killed-output"), "model.safetensors")));
        var (code, _, error) = Run("train", "--set", set, "--output", fixture.Folder("carried-output"), "--checkpoints", fixture.Folder("saved"), "--threads", "1");
        Assert.True(code == 0, error);
        Assert.Contains("Resumed from the checkpoint of step", error, StringComparison.Ordinal);
        Assert.Equal(fixture.Bytes("own"), fixture.Bytes("carried"));
    }

    [Fact]
    public void ProveScript_PassesOnTheCpu_AgainstALibtorchFolder()
    {
        // As PyTorch's folder is laid out, with Debian's files.
        var lib = new[] { "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu" }.FirstOrDefault(f => File.Exists(Path.Combine(f, "libtorch_cpu.so")));
        Assert.SkipWhen(lib is null, "this machine has no libtorch-dev");
        var (libtorch, carried) = (fixture.Folder("libtorch"), fixture.Folder("carried-folder"));
        Directory.CreateDirectory(libtorch);
        Directory.CreateSymbolicLink(Path.Combine(libtorch, "include"), "/usr/include");
        Directory.CreateSymbolicLink(Path.Combine(libtorch, "lib"), lib!);
        Directory.CreateDirectory(Path.Combine(carried, "native"));
        foreach (var file in Directory.GetFiles(Published.Value.Folder!, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".so", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(carried, Path.GetRelativePath(Published.Value.Folder!, file)));
        }

        var start = new ProcessStartInfo("/bin/sh", [Path.Combine(carried, "prove-cuda.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["LIBTORCH"], start.Environment["DEVICE"]) = (libtorch, "cpu");
        var (code, output, error) = Run(Process.Start(start)!);
        Assert.True(code == 0, output + error);
        Assert.Contains("cpu: all checks passed", output, StringComparison.Ordinal);
        Assert.Contains("proved on cpu", output, StringComparison.Ordinal);

        start.Environment["DEVICE"] = "cuda";
        (code, _, error) = Run(Process.Start(start)!);
        Assert.Equal(1, code);
        Assert.Contains("PyTorch without CUDA", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_SaysWhatIsWrong_AndEndsWith1()
    {
        var (code, _, error) = Run("train", "--set", fixture.Folder("none"), "--output", fixture.Folder("out"));
        Assert.Equal(1, code);
        Assert.Contains("does not exist", error, StringComparison.Ordinal);
        Assert.Equal(2, Run("train").Code);
    }

    [Fact]
    public void Bench_CountsPairsAndShares()
    {
        var (code, output, error) = Run("bench", "--hidden", "32", "--layers", "1", "--heads", "2", "--vocabulary", "100", "--batch", "4", "--steps", "2", "--json");
        Assert.True(code == 0, error);
        Assert.Contains("\"pairs_per_second\":", output, StringComparison.Ordinal);
        Assert.Contains("\"share_of_matmul\":", output, StringComparison.Ordinal);
    }

    public void Dispose() => fixture.Dispose();

    static (int Code, string Output, string Error) Run(params string[] arguments) => Run(Start(arguments));

    static (int Code, string Output, string Error) Run(Process started)
    {
        using var process = started;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    static Process Start(params string[] arguments) => Start(Path.Combine(Published.Value.Folder!, "trainer"), arguments);

    static Process Start(string file, string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    static (string? Folder, string Said) Publish()
    {
        var root = Repository("src/TrainerApp/publish.sh");
        var folder = Path.Combine(root, "artifacts", "trainer");
        using var process = Start("/bin/sh", [Path.Combine(root, "src/TrainerApp/publish.sh"), folder]);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode == 0 ? folder : null, output);
    }

    static string Repository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, path)))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{path} was not found above {AppContext.BaseDirectory}.");
    }
}
