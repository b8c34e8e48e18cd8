using System.ComponentModel.DataAnnotations;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Tests.Jobs;

/// <summary>Options of every shape that the binder reads.</summary>
sealed record SampleOptions : IValidatableObject
{
    /// <summary>Divides the <see cref="Math.Cos(double)"/> of two texts.</summary>
    [Range(0, 1, MinimumIsExclusive = true)]
    public double Temperature { get; init; } = 0.05;

    [Range(1, int.MaxValue)]
    public int Epochs { get; init; } = 1;

    public long Limit { get; init; } = long.MaxValue;

    public float Rate { get; init; } = 1e-3f;

    public bool Shuffle { get; init; } = true;

    public Flavour Flavour { get; init; } = Flavour.InBatch;

    [AllowedValues("adamw", "sgd")]
    public string Optimizer { get; init; } = "adamw";

    public string? Prompt { get; init; }

    public TimeSpan Warm { get; init; } = TimeSpan.FromMinutes(1);

    [Range(1, 4096)]
    public IReadOnlyList<int> Dimensions { get; init; } = [64, 128];

    public IReadOnlyDictionary<string, double> Weights { get; init; } = new Dictionary<string, double>();

    public Schedule Schedule { get; init; } = new("cosine") { Final = 0.1 };

    public IReadOnlyList<Schedule> Phases { get; init; } = [];

    [FilePath]
    public string? Corpus { get; init; }

    [Operational]
    public int Workers { get; init; } = 2;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Epochs > 10 && !Shuffle)
        {
            yield return new ValidationResult("found more than 10 epochs in one order; expected shuffle: true.", [nameof(Shuffle)]);
        }
    }
}

/// <summary>A rate over time.</summary>
/// <param name="Shape">Name of the curve.</param>
/// <param name="WarmUp">Share of the steps.</param>
sealed record Schedule(string Shape, [Range(0, 1)] double WarmUp = 0.1)
{
    public double Final { get; init; }

    [Operational]
    public int Print { get; init; } = 10;
}

enum Flavour
{
    InBatch,
    HardNegatives,
}

/// <summary>Options with something to give.</summary>
sealed record SourceOptions
{
    [FilePath]
    public required IReadOnlyList<string> Files { get; init; }
}

/// <summary>A stage that only job files see.</summary>
sealed class SampleStage(string name, Type options, InputSlot[] inputs, params string[] outputs) : IStage
{
    public string Name => name;

    public string Version => "1";

    public Type OptionsType => options;

    public IReadOnlyList<InputSlot> Inputs => inputs;

    public IReadOnlyList<string> Outputs => outputs;

    public Task RunAsync(StageContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>ingest, pairs, train, compare.</summary>
    public static StageTable Table { get; } = new(
    [
        new SampleStage("ingest", typeof(SourceOptions), [], "documents", "rejects"),
        new SampleStage("pairs", typeof(SampleOptions), [new InputSlot("documents", ["documents"])], "pairs"),
        new SampleStage("train", typeof(SampleOptions), [new InputSlot("pairs", ["pairs"]), new InputSlot("initial", ["model"], Optional: true)], "model", "history"),
        new SampleStage("compare", typeof(SampleOptions), [new InputSlot("models", ["model"], Many: true), new InputSlot("notes", ["history", "rejects"], Optional: true)], "scores"),
        new SampleStage("report", typeof(SampleOptions), [new InputSlot("scores", ["scores"])], "report"),
    ]);
}
