using System.Text.Json.Nodes;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using static TorchSharp.torch;

namespace Trainer.Training.Optimization;

/// <summary>A second set of weights beside the trained ones, kept in checkpoints. Where a parameter is frozen both are equal.</summary>
public abstract class AveragedWeights : ICheckpointed, IDisposable
{
    readonly IReadOnlyList<(string Name, Parameter Value)> _parameters;
    readonly Tensor[] _averages;

    /// <summary>Begins with copies of the weights.</summary>
    /// <param name="name">Name within the checkpoint.</param>
    /// <param name="parameters">All parameters of the model.</param>
    protected AveragedWeights(string name, IReadOnlyList<(string Name, Parameter Value)> parameters)
    {
        using var constant = no_grad();
        (Name, _parameters) = (name, parameters);
        _averages = [.. parameters.Select(p => p.Value.clone().DetachFromDisposeScope())];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Updates so far.</summary>
    public long Updates { get; private set; }

    /// <inheritdoc/>
    public JsonNode State() => new JsonObject { ["updates"] = Updates };

    /// <inheritdoc/>
    public IEnumerable<SafetensorsTensor> Tensors() => _parameters.Zip(_averages, (p, average) => SafetensorsTensor.Of(p.Name, average));

    /// <inheritdoc/>
    public void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors)
    {
        var updates = state!["updates"]!.GetValue<long>();
        foreach (var ((name, _), average) in _parameters.Zip(_averages))
        {
            tensors[name].CopyTo(average);
        }

        Updates = updates;
    }

    /// <summary>The averaged weights, copied: ready to become a model.</summary>
    public IReadOnlyList<SafetensorsTensor> Weights() => [.. Tensors().Select(t => t with { Data = t.Data.ToArray() })];

    /// <summary>Puts the averaged weights in the place of the trained ones until the answer is disposed: to evaluate them. Both come back bit for bit.</summary>
    public IDisposable Apply()
    {
        Exchange();
        return new Back(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var average in _averages)
        {
            average.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Changes the averages of what is trained, and counts.</summary>
    /// <param name="change">Given averages and weights, tensor by tensor alike.</param>
    protected void Update(Action<Tensor[], Tensor[]> change)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var trained = _parameters.Zip(_averages).Where(p => p.First.Value.requires_grad).ToList();
        change([.. trained.Select(p => p.Second)], [.. trained.Select(p => p.First.Value)]);
        Updates++;
    }

    void Exchange()
    {
        using var constant = no_grad();
        foreach (var ((_, weights), average) in _parameters.Zip(_averages))
        {
            using var held = weights.clone();
            weights.copy_(average);
            average.copy_(held);
        }
    }

    sealed class Back(AveragedWeights owner) : IDisposable
    {
        AveragedWeights? _owner = owner;

        public void Dispose()
        {
            _owner?.Exchange();
            _owner = null;
        }
    }
}
