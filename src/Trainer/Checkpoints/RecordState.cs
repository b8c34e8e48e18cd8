using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Trainer.Checkpoints;

/// <summary>A record of the training's own, such as where early stopping stands, kept in checkpoints.</summary>
/// <typeparam name="T">A record of values; NaN and infinities are kept.</typeparam>
/// <param name="name">Name within the checkpoint.</param>
/// <param name="get">Its value now.</param>
/// <param name="set">Takes the value of a checkpoint back.</param>
public sealed class RecordState<T>(string name, Func<T> get, Action<T> set) : ICheckpointed
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public JsonNode? State() => JsonSerializer.SerializeToNode(get(), Json);

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => [];

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors) =>
        set(state is null ? throw new TrainerException("it is empty") : state.Deserialize<T>(Json) ?? throw new TrainerException("it is empty"));
}
