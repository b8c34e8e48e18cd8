using System.Text.Json.Nodes;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>Weights of the best evaluation, and the optimizer's running means where a training may be rolled back to it. Kept in checkpoints.</summary>
/// <param name="parameters">The model's parameters, whose weights it keeps.</param>
/// <param name="moments">Whether it keeps the optimizer's running means, too.</param>
public sealed class BestState(IReadOnlyList<(string Name, Parameter Value)> parameters, bool moments) : ICheckpointed
{
    const string Weight = "w/", Mean = "m/", Square = "v/", Count = "t/";

    IReadOnlyList<SafetensorsTensor> _tensors = [];

    /// <inheritdoc/>
    public string Name => "best";

    /// <summary>Whether there was an evaluation.</summary>
    public bool Any => _tensors.Count > 0;

    /// <summary>The weights, by name; empty before the first evaluation.</summary>
    public IEnumerable<SafetensorsTensor> Weights => _tensors.Where(t => t.Name.StartsWith(Weight, StringComparison.Ordinal)).Select(t => t with { Name = t.Name[Weight.Length..] });

    /// <summary>Keeps a copy of how things stand.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public void Keep(AdamW optimizer)
    {
        using var constant = no_grad();
        _tensors =
        [
            .. parameters.Select(p => Copy(Weight + p.Name, p.Value)),
            .. moments ? Moments(optimizer).SelectMany(m => new[] { Copy(Mean + m.Name, m.State.exp_avg), Copy(Square + m.Name, m.State.exp_avg_sq), Steps(m.Name, m.State.step) }) : [],
        ];
    }

    /// <summary>Puts the weights and running means back. Parameters that the optimizer did not have then begin with means of 0.</summary>
    /// <param name="optimizer">The optimizer.</param>
    public void RollBack(AdamW optimizer)
    {
        using var constant = no_grad();
        var kept = _tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
        {
            kept[Weight + name].CopyTo(value);
        }

        foreach (var (name, state) in Moments(optimizer))
        {
            if (kept.TryGetValue(Mean + name, out var mean))
            {
                mean.CopyTo(state.exp_avg);
                kept[Square + name].CopyTo(state.exp_avg_sq);
                state.step = BitConverter.ToInt64(kept[Count + name].Data.Span);
            }
            else
            {
                state.exp_avg.zero_();
                state.exp_avg_sq.zero_();
                state.step = 0;
            }
        }
    }

    /// <inheritdoc/>
    public JsonNode? State() => null;

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => _tensors;

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors)
    {
        if (tensors.Count > 0 && parameters.FirstOrDefault(p => !tensors.ContainsKey(Weight + p.Name)).Name is { } absent)
        {
            throw new TrainerException($"the best weights lack {absent}");
        }

        _tensors = [.. tensors.Values.Select(t => t with { Data = t.Data.ToArray() })];
    }

    IEnumerable<(string Name, AdamW.State State)> Moments(AdamW optimizer)
    {
        var names = parameters.ToDictionary(p => (object)p.Value, p => p.Name, ReferenceEqualityComparer.Instance);
        return optimizer.parameters().Zip(optimizer.state_dict().State).Where(p => names.ContainsKey(p.First)).Select(p => (names[p.First], p.Second));
    }

    static SafetensorsTensor Copy(string name, Tensor value) => SafetensorsTensor.Floats(name, value.shape, value.cpu().data<float>().ToArray());

    static SafetensorsTensor Steps(string name, long count) => new(Count + name, SafetensorsType.I64, [1], BitConverter.GetBytes(count));
}
