using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;
using Trainer;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training;

namespace TrainerApp;

/// <summary><c>bench</c>: training steps of a BERT of a given shape on made-up pairs of fixed lengths: pairs per second, share of peak, memory.</summary>
static class BenchCommand
{
    public static Command Build()
    {
        var (device, threads, json) = (SharedOptions.Device(), SharedOptions.Threads(), SharedOptions.Json());
        var hidden = Number("--hidden", "Width of the hidden states", 768);
        var layers = Number("--layers", "Layers", 12);
        var heads = Number("--heads", "Attention heads", 12);
        var intermediate = Number("--intermediate", "Width of the feed-forward part; 0 for four times --hidden", 0);
        var vocabulary = Number("--vocabulary", "Tokens", 30522);
        var batch = Number("--batch", "Pairs of a batch", 256);
        var negatives = Number("--negatives", "Hard negatives per pair", 0);
        var query = Number("--query-length", "Tokens of every query", 32);
        var passage = Number("--passage-length", "Tokens of every passage", 128);
        var steps = Number("--steps", "Steps that are timed, after three that are not", 20);
        var peak = new Option<double?>("--peak") { Description = "Peak of the device in TFLOP/s for this precision, where it is not known", HelpName = "TFLOPS" };
        var precision = new Option<string>("--precision") { Description = "fp32, tf32 or bf16", DefaultValueFactory = _ => "bf16" };
        precision.AcceptOnlyFromAmong("fp32", "tf32", "bf16");
        var command = new Command("bench", "Time training steps of a BERT on made-up pairs")
        {
            device, threads, json, hidden, layers, heads, intermediate, vocabulary, batch, negatives, query, passage, steps, peak, precision,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var place = SharedOptions.Find(parse.GetValue(device)!);
            torch.set_num_threads(parse.GetValue(threads));
            var (q, p) = (parse.GetValue(query), parse.GetValue(passage));
            var wide = parse.GetValue(hidden);
            var inner = parse.GetValue(intermediate) is > 0 and var given ? given : 4 * wide;
            var config = SyntheticBatches.Bert(wide, parse.GetValue(layers), parse.GetValue(heads), inner, parse.GetValue(vocabulary), Math.Max(q, p), dropout: 0.1);
            var kind = parse.GetValue(precision)!;
            var result = Run(config, place, kind, parse.GetValue(batch), parse.GetValue(negatives), q, p, parse.GetValue(steps), parse.GetValue(peak), cancellationToken);
            Console.WriteLine(parse.GetValue(json) ? result.ToJsonString() : string.Join('\n', result.Select(r => $"{r.Key,-22} {r.Value}")));
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>
    /// Operations of a step: per token 2 for every weight of its linear maps and 4 L D per layer for the attention over L tokens of width D; backward costs twice forward. The token
    /// tables, norms, losses and the optimizer are left out, as is usual.
    /// </summary>
    public static double StepFlops(TransformerConfig config, int pairs, int negatives, int query, int passage)
    {
        double width = config.HiddenSize;
        var weights = config.Layers * ((4 * width * width) + (2 * width * config.IntermediateSize));
        return 3 * (Forward(pairs, query) + Forward((long)pairs * (1 + negatives), passage));

        double Forward(long texts, int length) => texts * length * ((2 * weights) + (4.0 * config.Layers * length * width));
    }

    static JsonObject Run(
        TransformerConfig config, torch.Device device, string precision, int pairs, int negatives, int query, int passage, int steps, double? peak, CancellationToken cancellationToken)
    {
        if ((long)pairs * pairs * (1 + negatives) > Array.MaxLength)
        {
            throw new TrainerException($"--batch {pairs} with --negatives {negatives} gives {(long)pairs * pairs * (1 + negatives)} scores; at most {Array.MaxLength} can be marked. Lower --batch.");
        }

        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32";
        var transformer = TransformerEncoder.Create(config, seed: 1);
        using var encoder = new PooledTransformer(transformer, PoolingMode.Mean) { Precision = precision == "bf16" ? Precision.Bf16 : Precision.Fp32 };
        var parameters = encoder.Parameters.Select(p => p.Value).ToList();
        parameters.MoveTo(device);
        using var optimizer = torch.optim.AdamW(parameters, 1e-5);
        var loss = new InfoNce(0.05);
        var batches = Enumerable.Range(0, 4)
            .Select(k => SyntheticBatches.Pairs(pairs, negatives, (query, query), (passage, passage), config.VocabularySize, 1, $"bench:{k}")).ToList();
        var times = new List<double>();
        const int warmup = 3;
        for (var k = 0; k < warmup + steps; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (k == warmup && device.type == DeviceType.CUDA)
            {
                Try(() => TorchRuntime.ResetCudaPeak(device.index));
            }

            TorchRuntime.Synchronize(device);
            var start = Stopwatch.GetTimestamp();
            try
            {
                PlainStep.Run(encoder, optimizer, loss, batches[k % batches.Count], 1e-5, clip: 1);
            }
            catch (TorchOutOfMemoryException error)
            {
                throw new TrainerException($"Memory of {device} ran out in step {k + 1} with --batch {pairs}: {error.Message} Lower --batch.", error);
            }

            TorchRuntime.Synchronize(device);
            if (k >= warmup)
            {
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        times.Sort();
        var median = times[times.Count / 2];
        var tflops = StepFlops(config, pairs, negatives, query, passage) / median / 1e12;
        var matmul = TorchRuntime.MatmulGflops(device.type == DeviceType.CUDA ? 8192 : 1024, 10, device, precision == "bf16" ? torch.bfloat16 : torch.float32) / 1e3;
        var name = device.type == DeviceType.CUDA ? CudaDevice.Find(device.index)?.Name : null;
        peak ??= precision == "bf16" && name is not null ? DevicePeak.BFloat16Tflops(name) : null;
        var result = new JsonObject
        {
            ["device"] = name ?? device.ToString(),
            ["libtorch"] = TorchRuntime.Version,
            ["precision"] = precision,
            ["parameters"] = parameters.Sum(p => p.numel()),
            ["batch"] = pairs,
            ["tokens_of_a_step"] = (pairs * query) + (pairs * (1 + negatives) * passage),
            ["step_ms"] = Math.Round(median * 1e3, 2),
            ["step_ms_min"] = Math.Round(times[0] * 1e3, 2),
            ["step_ms_max"] = Math.Round(times[^1] * 1e3, 2),
            ["pairs_per_second"] = Math.Round(pairs / median, 1),
            ["tflops"] = Math.Round(tflops, 3),
            ["matmul_tflops"] = Math.Round(matmul, 3),
            ["share_of_matmul"] = Math.Round(tflops / matmul, 3),
            ["peak_tflops"] = peak,
            ["share_of_peak"] = peak is { } top ? Math.Round(tflops / top, 3) : null,
        };
        if (device.type == DeviceType.CUDA)
        {
            Try(() => result["peak_memory_gib"] = Math.Round(TorchRuntime.CudaMemory(device.index).Peak / (double)(1L << 30), 2));
        }

        return result;
    }

    static void Try(Action figures)
    {
        try
        {
            figures();
        }
        catch (TorchException error)
        {
            Console.Error.WriteLine($"No memory figures: {error.Message}");
        }
    }

    static Option<int> Number(string name, string description, int value) => new(name)
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"{description}; {value} unless told otherwise"),
        HelpName = "N",
        DefaultValueFactory = _ => value,
    };
}
