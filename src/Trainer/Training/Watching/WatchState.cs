using System.Text.Json;

namespace Trainer.Training.Watching;

/// <summary>All that watching remembers: it lives in the checkpoint, and a training that is resumed from it decides as if it had never stopped.</summary>
public sealed record WatchState
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Evaluations so far.</summary>
    public IReadOnlyList<WatchEvaluation> Evaluations { get; init; } = [];

    /// <summary>Alarms that have been told and whose episode is not over: they are not told again before it is.</summary>
    public IReadOnlyList<SoundingAlarm> Sounding { get; init; } = [];

    /// <summary>Step of the last roll-back or lowering of the rate; -1 for none.</summary>
    public long Since { get; init; } = -1;

    /// <summary>What the scheduled rate is multiplied with.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Roll-backs done.</summary>
    public int RollBacks { get; init; }

    /// <summary>The best evaluation; null before the first.</summary>
    public BestEvaluation? Best { get; init; }

    /// <summary>Early stopping.</summary>
    public EarlyStoppingState EarlyStopping { get; init; } = new();

    /// <summary>The state as JSON on one line; equal states give equal text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>A state from JSON.</summary>
    /// <exception cref="JsonException">Not a state.</exception>
    public static WatchState FromJson(string json) => JsonSerializer.Deserialize<WatchState>(json, Json) ?? throw new JsonException("The state of watching is empty.");
}
