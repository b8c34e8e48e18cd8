using System.Globalization;
using System.Text.Json;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Batches;
using Trainer.Training.Caching;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>The batch table auto in a training: steps of a throw-away copy of the model on batches of full length, until the largest that fit are known. Rank 0 tries, all take its table.</summary>
static class BatchTrials
{
    // As wide as guides are; its length hardly counts beside the encoder's states.
    const int GuideLength = 768;

    /// <summary>Where sizes are kept on this machine unless the inputs say otherwise.</summary>
    static string DefaultFile => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "workflow", "batch-sizes.json");

    /// <summary>Kept sizes for this device, model and options, or sizes found now and kept.</summary>
    /// <param name="inputs">What the training is given.</param>
    /// <param name="phase">Options of the phase.</param>
    /// <param name="observer">Told of every trial.</param>
    /// <param name="cancellationToken">Stops between trials.</param>
    /// <exception cref="TrainerException">The phase is not contrastive, or not even one row fits.</exception>
    public static IReadOnlyList<BucketSize> Find(TrainInputs inputs, TrainOptions phase, ITrainObserver observer, CancellationToken cancellationToken)
    {
        if (phase.Objective != ObjectiveKind.Contrastive)
        {
            throw new TrainerException($"batches.table auto tries steps of a contrastive phase; this one is {phase.Objective}. Name the sizes (batches.sizes).");
        }

        var found = inputs.Ranks.IsFirst ? JsonSerializer.SerializeToUtf8Bytes(Try(inputs, phase, observer, cancellationToken).Select(s => new[] { s.MaxLength, s.BatchSize })) : [];
        return [.. JsonSerializer.Deserialize<int[][]>(inputs.Ranks.FromFirst(found, "the batch sizes"))!.Select(s => new BucketSize(s[0], s[1]))];
    }

    static IReadOnlyList<BucketSize> Try(TrainInputs inputs, TrainOptions phase, ITrainObserver observer, CancellationToken cancellationToken)
    {
        var plain = phase with { Batches = phase.Batches with { Table = BatchTable.Sizes, Sizes = [] }, MaxSteps = 0, Phases = [] };
        using var model = Trainee.Create(inputs, plain, PhasePlan.Of(inputs.Rows, plain, inputs.Seed), observer);
        var (encoder, config) = (model.Embeddings!.Encoder, model.Embeddings.Config);
        var parameters = encoder.Parameters.Select(p => p.Value).ToList();
        var device = TrainDevice.Prepare(phase, parameters);
        using var optimizer = optim.AdamW(parameters, 1e-6);
        var loss = LossTable.Create(phase.Loss, inputs.Seed);
        var cache = new GradCache(encoder, loss, phase.GradientCache, device);
        using var probe = device.type == DeviceType.CPU ? new ResidentMemory() : null;
        IMemoryProbe memory = probe is null ? new DeviceMemoryProbe(device) : probe;
        var initial = inputs.InitialModel is { } files ? ModelFolder.Digest(files) : $"{encoder.Type} {config.Dimensions} {encoder.Parameters.Sum(p => p.Value.numel())}";
        var setup = string.Create(CultureInfo.InvariantCulture,
            $"{phase.Loss.Kind}, {phase.Negatives} negatives, {config.QueryLength} and {config.PassageLength} tokens, cache {JsonSerializer.Serialize(phase.GradientCache)}, checkpointing {phase.ActivationCheckpointing}, {phase.Batches.Tuning.MemoryBytes} bytes, headroom {phase.Batches.Tuning.Headroom}");
        return TunedSizes.Of(
            inputs.BatchSizesFile ?? DefaultFile, new TuningKey(memory.Device, initial, phase.Precision.ToString(), setup), phase.Batches.Tuning, Math.Max(config.QueryLength, config.PassageLength), memory,
            Step, observer.Log, cancellationToken);

        void Step(int rows, int length)
        {
            var batch = FullBatch.Of(rows, length, config.QueryLength, config.PassageLength, phase.Negatives, model.Tokenizer.VocabularySize);
            var known = new LossInputs
            {
                Queries = new HeadOutputs(),
                Passages = new HeadOutputs(),
                Own = tensor(Array.ConvertAll(batch.Own, c => (long)c), [rows, batch.Group]).OnDevice(device),
                TeacherScores = tensor(batch.TeacherScores!, [rows, batch.Group]).OnDevice(device),
                GuideQueries = loss.Needs.HasFlag(LossNeeds.Guide) ? randn([rows, GuideLength], device: device) : null,
                GuidePassages = loss.Needs.HasFlag(LossNeeds.Guide) ? randn([batch.Passages.Count, GuideLength], device: device) : null,
            };
            optimizer.zero_grad();
            cache.Step(batch.Queries, batch.Passages, known, new StepRequest(inputs.Seed, 0, 0, 0, [], phase.GradientCache?.MiniBatch ?? int.MaxValue));
            optimizer.step();
        }
    }
}
