using TorchSharp.Modules;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>
/// BGE-M3's sparse head (Chen et al. 2024): the weight of a token is relu(x w^T + b); of a token that a text repeats, the largest counts; ids of special tokens have none.
/// No tensor has a vocabulary for a dimension: a text keeps the ids it has.
/// </summary>
public sealed class SparseHead : IDisposable
{
    /// <summary>Name of its files, without ending, and of its parameters, before the dot.</summary>
    public const string FileName = "sparse_linear";

    readonly LinearMap _map;
    readonly HashSet<long> _unused;

    internal SparseHead(LinearMap map, IEnumerable<int> unused) => (_map, _unused) = (map, [.. unused.Select(id => (long)id)]);

    /// <summary>Width of the hidden states it reads, D.</summary>
    public int Width => _map.Inputs;

    /// <summary>Ids without a weight, ascending: the tokenizer's cls, pad, eos and unk for BGE-M3.</summary>
    public IReadOnlyList<long> Unused => [.. _unused.Order()];

    /// <summary>Weight (1, D) and bias (1), by the names sparse_linear.weight and sparse_linear.bias.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters => _map.Parameters(FileName + ".");

    /// <summary>A new head, with the values that PyTorch's Linear draws.</summary>
    /// <param name="width">D.</param>
    /// <param name="unused">Ids without a weight.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static SparseHead Create(int width, IEnumerable<int> unused, long seed)
    {
        random.manual_seed(seed);
        return new SparseHead(LinearMap.Create(width, 1), unused);
    }

    /// <summary>Loads the head of a model's folder, <c>sparse_linear.safetensors</c> or <c>sparse_linear.pt</c>; null where there is none.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="width">D.</param>
    /// <param name="unused">Ids without a weight.</param>
    /// <exception cref="TrainerException">The file is unsound, or made for another width.</exception>
    public static SparseHead? Load(FileSet files, int width, IEnumerable<int> unused)
    {
        using var file = WeightFile.Find(files, FileName + ".safetensors", FileName + ".pt");
        return file is null ? null : new SparseHead(LinearMap.Read(file, "", width, outputs: 1), unused);
    }

    /// <summary>Weights of the tokens of each text. Gradients reach the tokens that gave the largest weights.</summary>
    public SparseVectors Forward(TokenStates states)
    {
        using var scope = NewDisposeScope();
        var weights = _map.Apply(states.Values).squeeze(1).relu();
        float[] values;
        using (no_grad())
        {
            values = weights.to(float32).cpu().data<float>().ToArray();
        }

        var batch = states.Batch;
        var (ids, winners, offsets) = (new List<long>(), new List<long>(), new long[batch.Count]);
        for (var i = 0; i < batch.Count; i++)
        {
            offsets[i] = ids.Count;
            Keep(batch.Ids, values, batch.Offsets[i], states.Lengths[i], ids, winners);
        }

        var kept = weights.index_select(0, tensor(winners.ToArray()).to(weights.device));
        return new SparseVectors(kept.MoveToOuterDisposeScope(), [.. ids], offsets);
    }

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    // Of each id the first of its places with the largest weight, as PyTorch's max chooses. Weights of 0 are left out: relu gives them no gradient.
    void Keep(long[] all, float[] values, long start, int length, List<long> ids, List<long> winners)
    {
        var own = all.AsSpan((int)start, length).ToArray();
        var places = new int[length];
        for (var t = 0; t < length; t++)
        {
            places[t] = (int)start + t;
        }

        Array.Sort(own, places);
        for (int t = 0, next; t < length; t = next)
        {
            var best = places[t];
            for (next = t + 1; next < length && own[next] == own[t]; next++)
            {
                var (found, largest) = (values[places[next]], values[best]);
                best = found > largest || (found == largest && places[next] < best) || (float.IsNaN(found) && !float.IsNaN(largest)) ? places[next] : best;
            }

            if (!(values[best] <= 0) && !_unused.Contains(own[t]))
            {
                ids.Add(own[t]);
                winners.Add(best);
            }
        }
    }
}
