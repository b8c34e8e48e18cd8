using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using TorchSharp.Modules;
using Trainer.Checkpoints;

namespace Trainer.Training.Caching;

/// <summary>
/// How many mini-batches keep their graphs. Auto measures in its first step what a token's graph takes and goes on keeping while there is room. The choice changes no bit of the gradients,
/// only what is computed twice. Checkpoints keep what was measured and given way to, so that a resumed training keeps as many.
/// </summary>
public sealed class GraphBudget : ICheckpointed
{
    // Gradients, and AdamW's two means, of parameters that have none yet.
    const int TensorsPerParameter = 3;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    readonly GradientCacheOptions? _options;
    readonly torch.Device _device;
    readonly IReadOnlyList<Parameter> _parameters;
    Known _known = new(null, null, null);
    double _held;
    bool _measuring;

    /// <param name="options">Options; null keeps all graphs: the plain step.</param>
    /// <param name="device">Where the encoder runs.</param>
    /// <param name="parameters">What is trained.</param>
    public GraphBudget(GradientCacheOptions? options, torch.Device device, IEnumerable<Parameter> parameters) => (_options, _device, _parameters) = (options, device, [.. parameters]);

    /// <inheritdoc/>
    public string Name => "gradient_cache";

    /// <summary>Graphs kept in this step so far.</summary>
    public int Kept { get; private set; }

    /// <summary>Bytes that the graph of one token takes, as measured; null before.</summary>
    public double? BytesPerToken => _known.BytesPerToken;

    /// <summary>Keeps half as many graphs as the last step did, from now on; null where it kept none, or where all must be kept.</summary>
    /// <returns>Graphs before and after.</returns>
    public (int Before, int After)? KeepFewer()
    {
        if (_options is null || Kept == 0)
        {
            return null;
        }

        _known = _known with { MostKept = Kept / 2 };
        return (Kept, Kept / 2);
    }

    /// <inheritdoc/>
    public JsonNode? State() => JsonSerializer.SerializeToNode(_known, Json);

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => [];

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors) =>
        _known = state.Deserialize<Known>(Json) ?? throw new JsonException("The state of the gradient cache is empty.");

    /// <summary>Begins a step.</summary>
    /// <param name="loss">Bytes that the loss is expected to take beside the graphs.</param>
    internal void Begin(long loss)
    {
        (Kept, _held) = (0, 0);
        _measuring = _options is { KeepGraphs: null } && _known.BytesPerToken is null;
        if (_measuring && MemoryFigures.Taken(_device) is { } taken)
        {
            var later = _parameters.Where(p => p.requires_grad && !HasGradient(p)).Sum(p => TensorsPerParameter * p.numel() * p.element_size());
            var memory = _options!.Memory is { } given ? (long)(given * (1L << 30)) : MemoryFigures.Default(_device);
            _known = _known with { Room = memory - taken - later - loss };
        }
    }

    /// <summary>Whether the next mini-batch keeps its graph.</summary>
    internal bool Takes(long tokens) => _options switch
    {
        null => true,
        _ when Kept >= (_known.MostKept ?? int.MaxValue) => false,
        { KeepGraphs: { } fixedNumber } => Kept < fixedNumber,
        _ when _known.Room is not { } room => false,
        _ when _known.BytesPerToken is not { } bytes => Kept == 0,
        // Twice: the backward pass of a graph takes memory of its own, and so does one that is made again.
        _ => _held + (2 * tokens * _known.BytesPerToken) <= _known.Room,
    };

    /// <summary>Bytes allocated now, while they are measured; else 0.</summary>
    internal long Now() => _measuring ? MemoryFigures.Allocated(_device) ?? 0 : 0;

    /// <summary>Notes a graph that was kept.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="bytes">What was allocated for it, where it is measured.</param>
    internal void Took(long tokens, long bytes)
    {
        Kept++;
        if (_measuring)
        {
            // An allocator put in the C library's place shows nothing here: graphs of unknown size are not kept.
            var each = bytes > 0 ? bytes / (double)Math.Max(1, tokens) : double.MaxValue;
            _known = _known with { BytesPerToken = Math.Max(_known.BytesPerToken ?? 0, each) };
        }

        _held += tokens * (_known.BytesPerToken ?? 0);
    }

    static bool HasGradient(Parameter parameter)
    {
        using var gradient = parameter.grad;
        return gradient is not null;
    }

    sealed record Known(double? BytesPerToken, long? Room, int? MostKept);
}
