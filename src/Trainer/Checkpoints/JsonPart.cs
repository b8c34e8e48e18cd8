using System.Text.Json.Nodes;

namespace Trainer.Checkpoints;

/// <summary>A part of a training whose state is a text of JSON.</summary>
/// <param name="name">Name within the checkpoint.</param>
/// <param name="read">Its state.</param>
/// <param name="write">Takes a state back.</param>
public sealed class JsonPart(string name, Func<string> read, Action<string> write) : ICheckpointed
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public JsonNode? State() => JsonNode.Parse(read());

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => [];

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors) =>
        write(state?.ToJsonString() ?? throw new TrainerException($"the state of {name} is empty"));
}
