using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Trainer.Checkpoints;

/// <summary>Where a training stands, apart from its tensors.</summary>
public sealed record TrainState
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Version of the layout that is written and read. 1 had no parts and no update counts by parameter.</summary>
    public const int CurrentFormat = 2;

    /// <summary>Version of the checkpoint's layout.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>What the checkpoint can be resumed with: options, data, seed, initial model. Another fingerprint is another training.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Optimizer steps done. The schedule is a function of it.</summary>
    public int Step { get; init; }

    /// <summary>The phase that runs, from 0.</summary>
    public int Phase { get; init; }

    /// <summary>Steps of the phase done.</summary>
    public int PhaseStep { get; init; }

    /// <summary>Epoch of the next batch, counted within the phase.</summary>
    public int Epoch { get; init; }

    /// <summary>The next batch within its epoch.</summary>
    public int Batch { get; init; }

    /// <summary>Step of the best evaluation; -1 before the first.</summary>
    public int BestStep { get; init; } = -1;

    /// <summary>State of libtorch's generator, base64.</summary>
    public string Generator { get; init; } = "";

    /// <summary>State of the device's own generator, base64; null on the CPU, and then not written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeviceGenerator { get; init; }

    /// <summary>Where it was computed: a difference is no refusal, but the rest may differ in its last bits. Null where nobody said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainEnvironment? Environment { get; init; }

    /// <summary>States of the training's parts (<see cref="ICheckpointed"/>) by name; written by the checkpoint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonNode?>? Parts { get; init; }

    /// <summary>Step, phase, epoch and batch on one line.</summary>
    public string CursorJson => JsonSerializer.Serialize(new { step = Step, phase = Phase, epoch = Epoch, batch = Batch });

    /// <summary>Writes the state.</summary>
    public void Write(string path) => File.WriteAllText(path, ToJson());

    /// <summary>The state as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Reads a state.</summary>
    /// <exception cref="TrainerException">Not a state.</exception>
    public static TrainState Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainState>(File.ReadAllText(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException error)
        {
            throw new TrainerException($"{Path.GetFileName(path)} is not readable: {error.Message}", error);
        }
    }
}
