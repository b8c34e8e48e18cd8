using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>A train stage's inputs, packed and carried to the trainer, give the model that the stage gave.</summary>
public sealed class PackTests(SharedRuns shared)
{
    [Fact]
    public async Task PackedSet_TrainsTheStagesOwnModel_InTheTrainer()
    {
        using var home = await (await shared.Tiny).Home.CopyAsync();
        using var folder = new HomeFolder();
        var (set, model) = (Path.Combine(folder.Path, "set"), Path.Combine(folder.Path, "model"));
        var packed = await WorkflowProgram.RunAsync("pack", "last", "train", "--output", set, "--home", home.Path, "--json");
        Assert.True(packed.ExitCode == 0, packed.Errors);
        Assert.True((int)packed.Json["rows"]! > 100);

        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "trainer"), ["train", "--set", set, "--output", model]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var trainer = Process.Start(start)!;
        var errors = trainer.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await trainer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await trainer.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(trainer.ExitCode == 0, await errors + said);

        // The store names files by their bytes.
        foreach (var file in Directory.GetFiles(model))
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
            Assert.True(Directory.EnumerateFiles(home.Path, hash, SearchOption.AllDirectories).Any(), $"{Path.GetFileName(file)} is not the stage's");
        }
    }

    [Fact]
    public async Task Pack_SaysWhatThereIs_WhenItCannot()
    {
        using var home = await (await shared.Tiny).Home.CopyAsync();
        using var folder = new HomeFolder();
        var set = Path.Combine(folder.Path, "set");
        var other = await WorkflowProgram.RunAsync("pack", "last", "mine", "--output", set, "--home", home.Path);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("no train stage 'mine'. Found: train", other.Errors, StringComparison.Ordinal);
        Directory.CreateDirectory(set);
        var taken = await WorkflowProgram.RunAsync("pack", "last", "train", "--output", set, "--home", home.Path);
        Assert.Equal(2, taken.ExitCode);
        Assert.Contains("exists already", taken.Errors, StringComparison.Ordinal);
    }
}
