using System.Diagnostics;
using DataPrep;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Training;
using static TorchSharp.torch;

namespace Bench;

/// <summary>
/// How long a training stands still for a checkpoint: written beside it, against written while it waits. MiniLM-L6's shapes, weights and AdamW's two means. First both must have
/// written the same bytes; then they take turns, each waiting for the disk to be done before the other begins.
/// </summary>
static class CheckpointStall
{
    const double Allowed = 0.2;

    public static Task RunAsync(Arguments arguments)
    {
        var rounds = Math.Max(5, arguments.Number("rounds", 9));
        set_num_threads(arguments.Number("threads", 2));
        var root = Path.Combine(arguments.Text("home", Path.GetTempPath()), $"bench-checkpoint-{Environment.ProcessId}");
        try
        {
            Measure(root, rounds);
        }
        finally
        {
            if (Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }

        return Task.CompletedTask;
    }

    static void Measure(string root, int rounds)
    {
        random.manual_seed(1);
        var parameters = Shapes().Select(s => (s.Name, Value: new Parameter(randn(s.Shape)))).ToList();
        using var optimizer = optim.AdamW(parameters.Select(p => p.Value));
        foreach (var state in optimizer.state_dict().State)
        {
            state.exp_avg.copy_(randn(state.exp_avg.shape));
            state.exp_avg_sq.copy_(randn(state.exp_avg_sq.shape));
        }

        var contents = new CheckpointContents(parameters, optimizer, CPU);
        var log = new TrainingLog();
        log.Points.AddRange(Enumerable.Range(0, 3000).Select(s => new MetricPoint("train_loss", s, 1.0 / (s + 1))));
        var (waited, beside) = (Path.Combine(root, "waited"), Path.Combine(root, "beside"));
        using var writer = new CheckpointWriter(beside, new Silent());
        var (stalls, syncs, ratios, background) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            // The first round warms up: files' places on the disk, the writer's buffers.
            var state = new TrainState { Fingerprint = "bench", Step = round };
            var sync = Milliseconds(() => Checkpoint.Write(Path.Combine(waited, $"checkpoint-{round:D8}"), state, contents, log));
            var stall = Milliseconds(() => writer.Save(state, contents, log, null));
            var rest = Milliseconds(writer.Drain);
            Same(waited, beside, round);
            Checkpoint.Prune(waited, -1);
            if (round > 0)
            {
                stalls.Add(stall);
                syncs.Add(sync);
                background.Add(stall + rest);
                ratios.Add(stall / sync);
            }
        }

        var bytes = new DirectoryInfo(Path.Combine(beside, $"checkpoint-{rounds:D8}")).GetFiles().Sum(f => f.Length);
        var ratio = new Sample(ratios);
        Console.WriteLine($"  {bytes / 1e6:N0} MB, the same bytes both ways in every round; {writer.BufferBytes / 1e6:N0} MB of buffers");
        Console.WriteLine($"  written while the training waits: {new Sample(syncs).Text("ms", "N1")}");
        Console.WriteLine($"  written beside it, it stands still: {new Sample(stalls).Text("ms", "N1")}; on disk after {new Sample(background).Text("ms", "N1")}");
        Console.WriteLine($"  stall / synchronous: {ratio.Text("", "N3")}; allowed {Allowed}: {(ratio.Median <= Allowed ? "met" : "NOT met")}");
    }

    static double Milliseconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    static void Same(string waited, string beside, int round)
    {
        var (a, b) = (File.ReadAllText(Path.Combine(waited, $"checkpoint-{round:D8}", DurableFolder.DigestFile)), File.ReadAllText(Path.Combine(beside, $"checkpoint-{round:D8}", DurableFolder.DigestFile)));
        if (a != b)
        {
            throw new InvalidOperationException($"round {round}: the two checkpoints differ\n{a}{b}");
        }
    }

    static IEnumerable<(string Name, long[] Shape)> Shapes()
    {
        const long Width = 384, Inner = 1536;
        yield return ("embeddings.word_embeddings.weight", [30522, Width]);
        yield return ("embeddings.position_embeddings.weight", [512, Width]);
        for (var layer = 0; layer < 6; layer++)
        {
            foreach (var part in new[] { "query", "key", "value", "output" })
            {
                yield return ($"encoder.layer.{layer}.attention.{part}.weight", [Width, Width]);
                yield return ($"encoder.layer.{layer}.attention.{part}.bias", [Width]);
            }

            yield return ($"encoder.layer.{layer}.intermediate.weight", [Inner, Width]);
            yield return ($"encoder.layer.{layer}.intermediate.bias", [Inner]);
            yield return ($"encoder.layer.{layer}.output.weight", [Width, Inner]);
            yield return ($"encoder.layer.{layer}.output.bias", [Width]);
            yield return ($"encoder.layer.{layer}.LayerNorm.weight", [Width]);
            yield return ($"encoder.layer.{layer}.LayerNorm.bias", [Width]);
        }
    }

    sealed class Silent : ITrainObserver
    {
        public void Progress(StageProgress progress)
        {
        }

        public void Metric(string key, long step, double value)
        {
        }

        public void Log(string line) => Console.WriteLine($"  {line}");

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
        }
    }
}
