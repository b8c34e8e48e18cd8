using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using DataPrep;
using TorchSharp;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Watching;

namespace Trainer.Tests.Training;

/// <summary>
/// Processes that train, killed (SIGKILL) once in every phase of every regime. The next process goes on where the killed one stood, and then begins the next regime. A process that nobody disturbs
/// trains all regimes, too: of each step weights, optimizer, series so far, place in the data and generators are the same bits, and so is the model.
/// </summary>
[Collection(TorchCollection.Name)]
public sealed class KilledRegimesTests : IDisposable
{
    const string FolderVariable = "WORKFLOW_KILLED_REGIMES", KillVariable = "WORKFLOW_KILLED_REGIMES_AT";
    const int Killed = 128 + 9;

    readonly string _root = Directory.CreateTempSubdirectory("killed-regimes-").FullName;

    public KilledRegimesTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    // Where within a step: once its loss is known, once its checkpoint is on its way, once that is durable.
    enum Moment
    {
        Loss,
        Progress,
        Durable,
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Resume_IsBitForBitTheUndisturbedTraining_AfterAKillInEveryPhaseOfEveryRegime()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder)
        {
            TrainAll(folder, Environment.GetEnvironmentVariable(KillVariable) ?? "");
            return;
        }

        var token = TestContext.Current.CancellationToken;
        var undisturbed = RunAsync("whole", "", token);
        var random = new SplitMix64(20261);
        var kills = new List<(string Regime, int Step)>();
        foreach (var (regime, options) in RegimeCases.All)
        {
            for (var phase = 0; phase < Math.Max(1, options.Phases.Count); phase++)
            {
                // Not before there is a checkpoint to go on from.
                var (first, last) = (Math.Max(3, (phase * options.MaxSteps!.Value) + 1), Steps(options, phase + 1));
                var (step, moment) = (first + random.Below(Math.Min(last, Steps(options) - 1) - first + 1), (Moment)random.Below(3));
                TestContext.Current.TestOutputHelper!.WriteLine($"{regime}: killed at step {step} ({moment})");
                Assert.Equal((Killed, ""), await RunAsync("killed", $"{regime}|{step}|{moment}", token));
                kills.Add((regime, step));
            }
        }

        Assert.Equal((0, ""), await RunAsync("killed", "", token));
        Assert.Equal((0, ""), await undisturbed);
        foreach (var (regime, options) in RegimeCases.All)
        {
            var (whole, killed) = (Records("whole", regime), Records("killed", regime));
            Assert.Equal(Enumerable.Range(1, Steps(options) - 1).Select(s => $"{s:D3}").Append("model").Order(StringComparer.Ordinal), whole.Keys.Order(StringComparer.Ordinal));
            Assert.All(whole, record => Assert.True(killed.GetValueOrDefault(record.Key) == record.Value, $"{regime}, {record.Key}:\n{record.Value}\n{killed.GetValueOrDefault(record.Key)}"));

            var resumed = File.ReadAllLines(Path.Combine(_root, "killed", regime + ".resumed")).Select(l => int.Parse(l, CultureInfo.InvariantCulture)).ToList();
            Assert.All(kills.Where(k => k.Regime == regime).Zip(resumed), pair => Assert.InRange(pair.Second, Math.Max(1, pair.First.Step - 2), pair.First.Step));
        }
    }

    static int Steps(TrainOptions options, int phases = int.MaxValue) => Math.Min(phases, Math.Max(1, options.Phases.Count)) * options.MaxSteps!.Value;

    Dictionary<string, string> Records(string name, string regime) =>
        Directory.GetFiles(Path.Combine(_root, name, regime + ".records")).ToDictionary(f => Path.GetFileName(f), File.ReadAllText, StringComparer.Ordinal);

    // This test in a process of its own: its exit code, and what it has to say where that is an error.
    async Task<(int ExitCode, string Error)> RunAsync(string name, string kill, CancellationToken cancellationToken)
    {
        var self = Environment.ProcessPath!;
        List<string> arguments = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(KilledRegimesTests).Assembly.Location] : [];
        var start = new ProcessStartInfo(self, [.. arguments, "-class", typeof(KilledRegimesTests).FullName!]) { RedirectStandardError = true, RedirectStandardOutput = true };
        (start.Environment[FolderVariable], start.Environment[KillVariable]) = (Path.Combine(_root, name), kill);
        (start.Environment["OMP_WAIT_POLICY"], start.Environment["GOMP_SPINCOUNT"]) = ("passive", "0");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, process.ExitCode is 0 or Killed ? "" : await output + await error);
    }

    // What a process does: every regime that is not done yet, from its newest checkpoint.
    static void TrainAll(string folder, string kill)
    {
        Directory.CreateDirectory(folder);
        using var fixture = new TrainFixture(2, specialTokens: true, taught: true, rows: 120, root: folder);
        foreach (var (regime, options) in RegimeCases.All)
        {
            var records = Path.Combine(folder, regime + ".records");
            if (File.Exists(Path.Combine(records, "model")))
            {
                continue;
            }

            Directory.CreateDirectory(records);
            var inputs = RegimeCases.Inputs(fixture, regime, options, resume: true);
            if (inputs.Checkpoints.Count > 0)
            {
                // A kill can fall between a checkpoint's end and its being told.
                Record(records, inputs.Checkpoints[0].Label);
                File.AppendAllText(Path.Combine(folder, regime + ".resumed"), $"{Step(inputs.Checkpoints[0].Label)}\n");
            }

            var parts = kill.Split('|');
            var observer = new Victim(records, parts[0] == regime ? (long.Parse(parts[1], CultureInfo.InvariantCulture), Enum.Parse<Moment>(parts[2])) : null);
            TrainLoop.Run(inputs, options, observer, CancellationToken.None);
            Write(Path.Combine(records, "model"), fixture.Bytes(regime));
        }
    }

    static int Step(string checkpoint) => int.Parse(Path.GetFileName(checkpoint).Split('-')[1], CultureInfo.InvariantCulture);

    static void Record(string records, string checkpoint) => Write(Path.Combine(records, $"{Step(checkpoint):D3}"), string.Join('\n', Directory.GetFiles(checkpoint).Order(StringComparer.Ordinal)
        .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f)))}")));

    // Whole or not at all; what is written twice is the same.
    static void Write(string path, string text)
    {
        Assert.True(!File.Exists(path) || File.ReadAllText(path) == text, $"{path} was another before");
        File.WriteAllText(path + ".tmp", text);
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Notes each checkpoint and kills its own process where it is told to.</summary>
    sealed class Victim(string records, (long Step, Moment Moment)? end) : ITrainObserver
    {
        public void Progress(StageProgress progress) => End(progress.Done, Moment.Progress);

        public void Metric(string key, long step, double value)
        {
            if (key == WatchKeys.TrainLoss)
            {
                End(step, Moment.Loss);
            }
        }

        public void Log(string line)
        {
        }

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
            End(step, Moment.Durable);
            Record(records, folder);
        }

        void End(long step, Moment moment)
        {
            if (end == (step, moment))
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }
}
