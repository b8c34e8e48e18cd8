using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Caching;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Bench;

/// <summary>
/// What gradient caching costs, on MiniLM-L6's shape: the plain step, and the cached one bounded to shares of the plain one's peak memory. Every measurement is a process of its own, whose largest
/// resident set counts; they take turns. First the gradients of a whole batch must be equal.
/// </summary>
static class GradCacheBench
{
    const string Worker = "worker gradcache";

    /// <summary>Time and peak memory at 0.65 and 0.5 of the plain step's.</summary>
    public static Task MemoryAsync(Arguments arguments)
    {
        var (rounds, batch, length) = (arguments.Number("rounds", 5), arguments.Number("batch", 512), arguments.Number("length", 32));
        var (precision, miniBatch, steps) = (arguments.Text("precision", "fp32"), arguments.Number("mini-batch", 64), arguments.Text("steps", "2"));
        string[] common = ["--batch", $"{batch}", "--length", $"{length}", "--precision", precision, "--threads", arguments.Text("threads", "2")];
        var folder = Directory.CreateTempSubdirectory("bench-gradcache-").FullName;
        Gate(common, miniBatch, folder, precision);

        var shares = arguments.Text("shares", "0.65,0.5").Split(',').Select(s => double.Parse(s, CultureInfo.InvariantCulture)).ToList();
        var plain = new List<Measured>();
        var cached = shares.ToDictionary(s => s, _ => new List<Measured>());
        for (var round = 0; round < rounds; round++)
        {
            plain.Add(Run([.. common, "--steps", steps, "--mini-batch", "0"]));
            foreach (var share in shares)
            {
                var memory = share * plain[0].Peak / (1L << 30);
                cached[share].Add(Run([.. common, "--steps", steps, "--mini-batch", $"{miniBatch}", "--memory", memory.ToString("F4", CultureInfo.InvariantCulture)]));
            }
        }

        Console.WriteLine($"  batch {batch}, length {length}, {precision}, dropout 0.1: plain {new Sample(plain.Select(p => p.Seconds * 1e3)).Median:N0} ms a step, peak {plain.Max(p => p.Peak) / 1e6:N0} MB");
        foreach (var share in shares)
        {
            var mine = cached[share];
            Console.WriteLine($"  asked for {share:N2} of its memory: {new Sample(mine.Zip(plain, (m, p) => m.Peak / (double)p.Peak)).Text("of the peak", "N3")}, {mine[0].Kept} of {mine[0].MiniBatches} graphs kept");
            Console.WriteLine($"    by the clock {new Sample(mine.Zip(plain, (m, p) => m.Seconds / p.Seconds)).Text("times", "N3")}, by the processor {new Sample(mine.Zip(plain, (m, p) => m.Processor / p.Processor)).Text("times", "N3")}");
        }

        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Two steps of a batch of 8,192 texts a side.</summary>
    public static Task LargeAsync(Arguments arguments)
    {
        var precision = arguments.Text("precision", "bf16");
        var found = Run(
        [
            "--batch", arguments.Text("batch", "8192"), "--length", arguments.Text("length", "32"), "--precision", precision, "--steps", "1", "--threads", arguments.Text("threads", "2"),
            "--mini-batch", arguments.Text("mini-batch", "128"), "--memory", arguments.Text("memory", "5.2"),
        ]);
        Console.WriteLine($"  two steps, {precision}: peak {found.Peak / 1e9:N2} GB, {found.Seconds:N1} s for the second ({found.Processor:N1} of processor), {found.Kept} of {found.MiniBatches} graphs kept, loss {found.Loss:N4}");
        return Task.CompletedTask;
    }

    /// <summary>One process: steps of training; prints what they took as its last line.</summary>
    public static Task WorkAsync(Arguments arguments)
    {
        set_num_threads(arguments.Number("threads", 2));
        var (batch, length, miniBatch) = (arguments.Number("batch", 512), arguments.Number("length", 32), arguments.Number("mini-batch", 0));
        var dropout = double.Parse(arguments.Text("dropout", "0.1"), CultureInfo.InvariantCulture);
        using var encoder = new PooledTransformer(TransformerEncoder.Create(Encoders.Config(dropout), 1), PoolingMode.Mean)
        {
            Precision = arguments.Text("precision", "fp32") == "bf16" ? Precision.Bf16 : Precision.Fp32,
        };
        using var optimizer = optim.AdamW([.. encoder.Parameters.Select(p => p.Value)], 1e-4, weight_decay: 0.01);
        var options = miniBatch == 0 ? null : new GradientCacheOptions { MiniBatch = miniBatch, Memory = double.Parse(arguments.Text("memory", "1000"), CultureInfo.InvariantCulture) };
        var cache = new GradCache(encoder, new InfoNce(0.05), options, CPU);
        var costs = new List<Cost>();
        var loss = 0.0;
        for (var step = 0; step <= arguments.Number("steps", 2); step++)
        {
            var (queries, passages) = (Texts(2 * step, batch, length), Texts((2 * step) + 1, batch, length));
            costs.Add(Cost.Of(() =>
            {
                optimizer.zero_grad();
                loss = cache.Step(queries, passages, new LossInputs { Queries = new(), Passages = new() }, new StepRequest(7, step, step, 0, [], miniBatch)).Loss;
                if (arguments.Text("gradients", "") is { Length: > 0 } file)
                {
                    using var scope = NewDisposeScope();
                    File.WriteAllBytes(file, [.. encoder.Parameters.SelectMany(p => MemoryMarshal.AsBytes(p.Value.grad!.data<float>().ToArray().AsSpan()).ToArray())]);
                }

                optimizer.step();
            }));
        }

        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        var measured = costs.Skip(1).DefaultIfEmpty(costs[0]).ToList();
        Console.WriteLine(JsonSerializer.Serialize(new Measured(
            new Sample(measured.Select(c => c.Wall)).Median, new Sample(measured.Select(c => c.Processor)).Median, long.Parse(peak, CultureInfo.InvariantCulture) * 1024, cache.Graphs.Kept,
            miniBatch == 0 ? 1 : ((2 * batch) + miniBatch - 1) / miniBatch, loss, cache.Graphs.BytesPerToken ?? 0)));
        return Task.CompletedTask;
    }

    // Without dropout, whose draws depend on the mini-batches, the two must agree.
    static void Gate(string[] common, int miniBatch, string folder, string precision)
    {
        var files = new List<float[]>();
        foreach (var mini in new[] { 0, miniBatch })
        {
            var file = Path.Combine(folder, $"gradients-{mini}");
            Run([.. common, "--steps", "0", "--dropout", "0", "--mini-batch", $"{mini}", "--memory", "0.001", "--gradients", file]);
            files.Add(MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray());
            File.Delete(file);
        }

        double apart = 0, cross = 0, a = 0, b = 0;
        foreach (var (x, y) in files[0].Zip(files[1]))
        {
            (apart, cross, a, b) = (apart + (((double)x - y) * ((double)x - y)), cross + ((double)x * y), a + ((double)x * x), b + ((double)y * y));
        }

        var (difference, cosine) = (Math.Sqrt(apart / a), cross / Math.Sqrt(a * b));
        if (precision == "fp32" ? !(difference <= 5e-5) : !(cosine >= 0.9999))
        {
            throw new InvalidOperationException($"cached gradients of the batch differ from the plain ones by {difference:G3} (cosine {cosine:G7})");
        }

        Console.WriteLine($"  gradients of the whole batch without dropout: relative difference {difference:G3}, cosine {cosine:G9}");
    }

    static Measured Run(string[] arguments)
    {
        var own = Environment.ProcessPath!;
        string[] program = Path.GetFileNameWithoutExtension(own) == "dotnet" ? [typeof(GradCacheBench).Assembly.Location] : [];
        using var process = Process.Start(new ProcessStartInfo(own, [.. program, .. Worker.Split(' '), .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["OMP_WAIT_POLICY"] = "passive" },
        })!;
        var last = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n')[^1];
        process.WaitForExit();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<Measured>(last)! : throw new InvalidOperationException($"a worker ended with {process.ExitCode}: {last}");
    }

    static TokenBatch Texts(int seed, int count, int length)
    {
        var random = new SplitMix64((ulong)seed);
        return new TokenBatch([.. Enumerable.Range(0, count * length).Select(_ => (long)(1000 + random.Below(29000)))], [.. Enumerable.Range(0, count).Select(i => (long)i * length)]);
    }

    sealed record Measured(double Seconds, double Processor, long Peak, int Kept, int MiniBatches, double Loss, double BytesPerToken);
}
