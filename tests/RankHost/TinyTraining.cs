using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp.Modules;
using Trainer;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Caching;
using Trainer.Training.Distributed;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace RankHost;

/// <summary>A training small enough for a test: a transformer of two layers, batches of 10 rows with 0 to 3 hard negatives each, and text lengths of all kinds.</summary>
public sealed class TinyTraining : IDisposable
{
    /// <summary>Rows of a batch.</summary>
    public const int Rows = 10;

    const int Group = 4, Vocabulary = 60;

    readonly AdamW _optimizer;

    public TinyTraining(double dropout = 0)
    {
        var shape = new TransformerOptions { HiddenSize = 32, Layers = 2, Heads = 2, IntermediateSize = 64, MaxLength = 32, Dropout = dropout };
        Encoder = new PooledTransformer(TransformerEncoder.Create(shape.ToConfig(Vocabulary, 0), 7), PoolingMode.Mean);
        _optimizer = optim.AdamW([.. Encoder.Parameters.Select(p => p.Value)], 1e-3);
    }

    /// <summary>What is trained.</summary>
    public IEncoder Encoder { get; }

    /// <summary>A loss by name.</summary>
    public static ILoss Loss(string name) => name switch
    {
        "infonce" => new InfoNce(0.05),
        "symmetric" => new InfoNce(0.05, symmetric: true),
        "matryoshka" => new Matryoshka(new InfoNce(0.05, symmetric: true), [16, 32]),
        _ => throw new TrainerException($"'{name}' is no loss."),
    };

    /// <summary>The batch of a step: texts, and each row's own candidates.</summary>
    public static (TokenBatch Queries, TokenBatch Passages, int[] Own, bool[] Excluded) Batch(int step)
    {
        var own = new int[Rows * Group];
        Array.Fill(own, -1);
        var candidates = Rows;
        for (var row = 0; row < Rows; row++)
        {
            own[row * Group] = row;
            for (var n = 0; n < (row + step) % Group; n++)
            {
                own[(row * Group) + 1 + n] = candidates++;
            }
        }

        // Some candidates that are no negatives.
        var excluded = new bool[Rows * candidates];
        for (var row = 0; row < Rows; row++)
        {
            excluded[(row * candidates) + ((row + 3) % Rows)] = row % 4 == 1;
            excluded[(row * candidates) + candidates - 1] |= row == step % Rows;
        }

        return (Texts(Rows, step * 2), Texts(candidates, (step * 2) + 1), own, excluded);
    }

    /// <summary>What the loss knows beside embeddings.</summary>
    public static LossInputs Known((TokenBatch Queries, TokenBatch Passages, int[] Own, bool[] Excluded) batch) => new()
    {
        Queries = new HeadOutputs(),
        Passages = new HeadOutputs(),
        Excluded = tensor(batch.Excluded, [Rows, batch.Passages.Count]),
        Own = tensor(batch.Own.Select(o => (long)o).ToArray(), [Rows, Group]),
    };

    /// <summary>One rank's training.</summary>
    /// <param name="context">The ranks.</param>
    /// <param name="arguments">Folder for results, loss, steps, texts per mini-batch, folder of checkpoints or "".</param>
    public static int Run(DistributedContext context, string[] arguments)
    {
        var (folder, name, steps, miniBatch, checkpoints) = (arguments[0], arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture), int.Parse(arguments[3], CultureInfo.InvariantCulture), arguments[4]);
        using var training = new TinyTraining();
        var cache = new GradCache(training.Encoder, Loss(name), new GradientCacheOptions { MiniBatch = miniBatch, KeepGraphs = 1, LossRows = 2 }, CPU);
        var reduction = new GradientReduction(context, training.Encoder.Parameters);
        var first = checkpoints.Length > 0 ? training.Restore(context, checkpoints) : 0;
        context.RequireEqualWeights(training.Encoder.Parameters);
        for (var step = first; step < steps; step++)
        {
            training._optimizer.zero_grad();
            var loss = training.Step(context, cache, step, miniBatch);
            reduction.Sum();
            if (step == 0)
            {
                Leave(folder, $"gradients.{context.Rank}", training.Encoder.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray()));
            }

            training._optimizer.step();
            Console.Out.WriteLine($"loss {loss.ToString("R", CultureInfo.InvariantCulture)}");
            if (checkpoints.Length > 0 && context.IsFirst)
            {
                Checkpoint.Write(Path.Combine(checkpoints, $"checkpoint-{step + 1:D8}"), new TrainState { Fingerprint = "tiny", Step = step + 1 }, training.Encoder, training._optimizer, CPU, new TrainingLog());
            }

            Console.Out.WriteLine($"step {step + 1}");
        }

        context.RequireEqualWeights(training.Encoder.Parameters);
        Leave(folder, $"weights.{context.Rank}", training.Encoder.Parameters.SelectMany(p => p.Value.data<float>().ToArray()));
        return 0;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        Encoder.Dispose();
    }

    double Step(DistributedContext context, GradCache cache, int step, int miniBatch)
    {
        using var scope = NewDisposeScope();
        var batch = Batch(step);
        var request = new StepRequest(5, step, step, 0, [.. Enumerable.Range(0, Rows)], miniBatch);
        if (!context.IsShared)
        {
            return cache.Step(batch.Queries, batch.Passages, Known(batch), request).Loss;
        }

        var share = BatchShare.Of(context, Rows, batch.Passages.Count, batch.Own);
        return context.Sum(cache.Step(share.Queries(batch.Queries), share.PassagesOf(batch.Passages), Known(batch), request, new DistributedEmbeddings(context, share))).Loss;
    }

    int Restore(DistributedContext context, string checkpoints) =>
        context.Restore(Checkpoint.Find(checkpoints), files => Checkpoint.Restore([files], "tiny", Encoder, _optimizer, CPU, Console.Out.WriteLine))?.State.Step ?? 0;

    static TokenBatch Texts(int count, int seed)
    {
        var (ids, offsets) = (new List<long>(), new long[count]);
        for (var i = 0; i < count; i++)
        {
            offsets[i] = ids.Count;
            var length = 1 + (((i * 7) + (seed * 3)) % 11);
            for (var t = 0; t < length; t++)
            {
                ids.Add(1 + (long)((((ulong)seed * 1000003) + ((ulong)i * 7919) + ((ulong)t * 104729)) * 0x9E3779B97F4A7C15UL >> 33) % (Vocabulary - 1));
            }
        }

        return new TokenBatch([.. ids], offsets);
    }

    static void Leave(string folder, string name, IEnumerable<float> values) => File.WriteAllBytes(Path.Combine(folder, name), MemoryMarshal.AsBytes<float>(values.ToArray()).ToArray());
}
