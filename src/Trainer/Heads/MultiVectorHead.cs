using TorchSharp.Modules;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>BGE-M3's multi-vector head (Chen et al. 2024, after ColBERT): x W^T + b for every token but the first, scaled to length one.</summary>
public sealed class MultiVectorHead : IDisposable
{
    /// <summary>Name of its files, without ending, and of its parameters, before the dot.</summary>
    public const string FileName = "colbert_linear";

    readonly LinearMap _map;

    internal MultiVectorHead(LinearMap map) => _map = map;

    /// <summary>Width of the hidden states it reads.</summary>
    public int Width => _map.Inputs;

    /// <summary>Length of its vectors, D.</summary>
    public int Dimensions => _map.Outputs;

    /// <summary>Weight (D, width) and bias (D), by the names colbert_linear.weight and colbert_linear.bias.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters => _map.Parameters(FileName + ".");

    /// <summary>A new head, with the values that PyTorch's Linear draws.</summary>
    /// <param name="width">Width of the hidden states.</param>
    /// <param name="dimensions">D; null for as many.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static MultiVectorHead Create(int width, int? dimensions, long seed)
    {
        random.manual_seed(seed);
        return new MultiVectorHead(LinearMap.Create(width, dimensions ?? width));
    }

    /// <summary>Loads the head of a model's folder, <c>colbert_linear.safetensors</c> or <c>colbert_linear.pt</c>; null where there is none.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="width">Width of the hidden states.</param>
    /// <exception cref="TrainerException">The file is unsound, or made for another width.</exception>
    public static MultiVectorHead? Load(FileSet files, int width)
    {
        using var file = WeightFile.Find(files, FileName + ".safetensors", FileName + ".pt");
        return file is null ? null : new MultiVectorHead(LinearMap.Read(file, "", width));
    }

    /// <summary>Vectors of the tokens of each text but its first; a text of one token has none.</summary>
    /// <param name="states">Hidden states.</param>
    /// <param name="normalize">Whether vectors are scaled to length one.</param>
    public MultiVectors Forward(TokenStates states, bool normalize = true)
    {
        using var scope = NewDisposeScope();
        var batch = states.Batch;
        var (rows, offsets) = (new List<long>(batch.Ids.Length), new long[batch.Count]);
        for (var i = 0; i < batch.Count; i++)
        {
            offsets[i] = rows.Count;
            for (var t = 1; t < states.Lengths[i]; t++)
            {
                rows.Add(batch.Offsets[i] + t);
            }
        }

        var vectors = _map.Apply(states.Values.index_select(0, tensor(rows.ToArray()).to(states.Values.device)));
        return new MultiVectors((normalize ? Pooling.Normalize(vectors) : vectors).MoveToOuterDisposeScope(), offsets);
    }

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();
}
