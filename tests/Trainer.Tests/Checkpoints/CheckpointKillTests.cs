using System.Diagnostics;
using System.Globalization;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Tests.Checkpoints;

/// <summary>Processes killed while they write a checkpoint at every step: what is on the disk goes on bit for bit.</summary>
[Collection(TorchCollection.Name)]
public sealed class CheckpointKillTests : IDisposable
{
    const string Victim = "WORKFLOW_CHECKPOINT_VICTIM", Told = "durable at step ";
    const int Steps = 400;

    readonly string _root = Directory.CreateTempSubdirectory("killed-").FullName;

    public CheckpointKillTests()
    {
        PythonTorch.RequireTorch();
        set_num_threads(1);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Resume_IsBitForBitTheUndisturbedTraining_AfterKills()
    {
        if (Environment.GetEnvironmentVariable(Victim) is { Length: > 0 } scratch)
        {
            Train(scratch);
            return;
        }

        var undisturbed = new List<string>();
        using (var whole = new SmallTraining())
        {
            for (var step = 0; step < Steps; step++)
            {
                whole.Step();
                undisturbed.Add(Fingerprint(whole));
            }
        }

        var random = new SplitMix64(3);
        var last = 0;
        for (var kill = 0; kill < 2; kill++)
        {
            var told = await KillAsync(1 + random.Below(20), TestContext.Current.CancellationToken);
            using var resumed = new SmallTraining();
            Assert.True(resumed.Resume(_root, []));
            Assert.InRange(resumed.State.Step, Math.Max(told, last + 1), Steps);
            Assert.Equal(undisturbed[resumed.State.Step - 1], Fingerprint(resumed));
            last = resumed.State.Step;
        }

        using var rest = new SmallTraining();
        Assert.True(rest.Resume(_root, []));
        while (rest.State.Step < Steps)
        {
            rest.Step();
            Assert.Equal(undisturbed[rest.State.Step - 1], Fingerprint(rest));
        }
    }

    // What the killed process does: trains on from what it finds, a checkpoint at every step.
    static void Train(string scratch)
    {
        using var training = new SmallTraining();
        training.Resume(scratch, []);
        var observer = new SmallTraining.Observer { Durable = step => Console.Error.WriteLine(Told + step.ToString(CultureInfo.InvariantCulture)) };
        using var writer = new CheckpointWriter(scratch, observer);
        while (training.State.Step < Steps)
        {
            training.Step();
            writer.Poll();
            writer.Save(training.State, training.Contents, training.Log, null);
        }
    }

    // Starts this test in a process of its own and kills it once it has told of so many checkpoints; gives the step of the last.
    async Task<int> KillAsync(int checkpoints, CancellationToken cancellationToken)
    {
        var self = Environment.ProcessPath!;
        List<string> arguments = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(CheckpointKillTests).Assembly.Location] : [];
        var start = new ProcessStartInfo(self, [.. arguments, "-class", typeof(CheckpointKillTests).FullName!]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment[Victim] = _root;
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var step = 0;
        while (checkpoints > 0 && await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Told, StringComparison.Ordinal))
            {
                step = int.Parse(line[Told.Length..], CultureInfo.InvariantCulture);
                checkpoints--;
            }
        }

        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(checkpoints == 0, await output);
        return step;
    }

    static string Fingerprint(SmallTraining training) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(training.Bits())));
}
