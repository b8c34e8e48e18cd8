using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Training.Caching;

namespace Trainer.Training;

/// <summary>What a checkpoint can be resumed with: all that bears on the bytes of the model but the environment, whose differences are told instead.</summary>
static class TrainFingerprint
{
    /// <summary>Lower-case hex SHA-256 of options, data, seed and initial model.</summary>
    /// <param name="inputs">What the training is given.</param>
    /// <param name="options">Its options.</param>
    /// <param name="plans">Its phases: batch sizes that were found by trial count, too.</param>
    public static string Of(TrainInputs inputs, TrainOptions options, IReadOnlyList<PhasePlan> plans)
    {
        var text = JsonSerializer.Serialize(new
        {
            options = Bare(options),
            tuned = plans.Select(p => p.Tuned),
            inputs.DataDigest,
            inputs.Seed,
            rows = inputs.Rows.Rows.Count,
            tokens = inputs.Rows.Passages.Tokens + inputs.Rows.Queries.Tokens,
            initial = inputs.InitialModel is { } initial ? ModelFolder.Digest(initial) : "",
            crossEncoder = inputs.CrossEncoder is { } other ? ModelFolder.Digest(other) : "",
            inputs.GuideDigest,
            inputs.TeacherDigest,
        });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    // How often checkpoints are written, the index of the device and how many graphs are kept change no byte, so that a resumed training may do otherwise.
    static TrainOptions Bare(TrainOptions options) => options with
    {
        CheckpointEvery = 0,
        Device = new torch.Device(options.Device).type.ToString(),
        GradientCache = Bare(options.GradientCache),
        Phases = [.. options.Phases.Select(p => p with { GradientCache = Bare(p.GradientCache) })],
    };

    static GradientCacheOptions? Bare(GradientCacheOptions? cache) => cache is null ? null : cache with { KeepGraphs = null, Memory = null };
}
