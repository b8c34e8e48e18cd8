using Trainer.Encoders.Transformers;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Caching;
using Trainer.Training.Guides;
using Trainer.Training.Objectives;
using Trainer.Training.Optimization;
using Trainer.Training.Watching;

namespace Trainer.Tests.Training;

/// <summary>Every regime of training, small: some steps of each phase.</summary>
static class RegimeCases
{
    /// <summary>What all have in common: a transformer of two layers, a checkpoint at every step.</summary>
    public static readonly TrainOptions Options = new()
    {
        Transformer = new TransformerOptions { HiddenSize = 16, Layers = 2, Heads = 2, IntermediateSize = 32, MaxLength = 64 },
        QueryLength = 12,
        PassageLength = 24,
        BatchSize = 12,
        MaxSteps = 3,
        LearningRate = 2e-3,
        WarmupSteps = 1,
        Clip = 1,
        EvalEvery = 4,
        EvalQueries = 20,
        EvalDocuments = 60,
        CheckpointEvery = 1,
        Watch = new WatchOptions { Sample = 32 },
    };

    /// <summary>Options by name.</summary>
    public static readonly IReadOnlyDictionary<string, TrainOptions> All = new Dictionary<string, TrainOptions>(StringComparer.Ordinal)
    {
        ["post-train, then contrastive with gradient caching"] = Options with
        {
            Optimization = new OptimizationOptions { EmaDecay = 0.9 },
            Phases =
            [
                new() { Name = "post-train", Objective = ObjectiveKind.MaskedLanguage, MaskedLanguage = new MaskedLanguageOptions { WholeWords = true } },
                new() { Name = "contrastive", GradientCache = new GradientCacheOptions { MiniBatch = 7, KeepGraphs = 1 }, Negatives = 2 },
            ],
        },
        ["m3"] = Options with
        {
            Negatives = 2,
            Phases =
            [
                new() { Name = "dense" },
                new()
                {
                    Name = "heads",
                    Loss = new LossOptions { Kind = LossKind.M3, SelfDistillation = false },
                    Optimization = new OptimizationOptions { Freeze = ["embeddings", "encoder"] },
                },
                new() { Name = "unified", Loss = new LossOptions { Kind = LossKind.M3, SelfDistillationStart = 1 }, GradientCache = new GradientCacheOptions { MiniBatch = 16, KeepGraphs = 0 } },
            ],
        },
        ["fine-tuning with a guide"] = Options with
        {
            MaxSteps = 6,
            Negatives = 2,
            Keep = KeepKind.Best,
            Loss = new LossOptions { Kind = LossKind.Gist, Margin = 0.05, MarginKind = MarginKind.Relative },
            Optimization = new OptimizationOptions { AverageFrom = 0.5, AverageEvery = 1 },
        },
        ["distillation"] = Options with { MaxSteps = 6, Negatives = 3, Loss = new LossOptions { Kind = LossKind.KlDistillation, Similarity = Similarity.Cos, Temperature = 0.1 } },
        ["cross-encoder"] = Options with { MaxSteps = 6, Objective = ObjectiveKind.CrossEncoder, CrossEncoder = new CrossEncoderOptions { Negatives = 2 } },
        ["cascade"] = Options with { MaxSteps = 6, BatchSize = 6, Objective = ObjectiveKind.Cascade, Cascade = new CascadeObjectiveOptions { Negatives = 2, DualCosine = true, DualTemperature = 0.1 } },
    };

    /// <summary>What a training of a regime is given; with a guide where its loss wants one.</summary>
    public static TrainInputs Inputs(TrainFixture fixture, string name, TrainOptions options, bool resume = false)
    {
        var inputs = fixture.Inputs(name, resume);
        return options.Loss.Kind == LossKind.Gist ? inputs with { Guide = device => ModelGuide.Load(Guide(fixture), fixture.Set, options.Guide, null, device, 1), GuideDigest = "guide" } : inputs;
    }

    // A small model of another kind, untrained: it has opinions, which is all that is needed.
    static FileSet Guide(TrainFixture fixture)
    {
        if (!Directory.Exists(fixture.Folder("guide-output")))
        {
            using var observer = new TrainFixture.Observer();
            TrainLoop.Run(fixture.Inputs("guide"), TrainFixture.Options with { MaxSteps = 0, Transformer = null }, observer, observer.Token);
        }

        return FileSet.FromFolder(fixture.Folder("guide-output"));
    }
}
