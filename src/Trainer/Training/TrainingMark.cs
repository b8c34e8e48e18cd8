using System.Text.Json.Serialization;

namespace Trainer.Training;

/// <summary>Something that happened at a step, or lasts over steps: what a picture of the series marks.</summary>
/// <param name="Kind">One of <see cref="TrainingMarks"/>.</param>
/// <param name="Step">Optimizer steps done; of a phase, those before its first.</param>
/// <param name="Name">Name of the alarm, action, phase or series.</param>
public sealed record TrainingMark(string Kind, long Step, string Name)
{
    /// <summary>Last step of a phase; null for what happens at one step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Until { get; init; }

    /// <summary>What was found, in words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>What to do about it, in words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Advice { get; init; }
}
