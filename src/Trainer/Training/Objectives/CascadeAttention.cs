using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Training.Objectives;

/// <summary>Where the two texts of a pair lie in a cross-encoder's input, and in the vectors of late interaction.</summary>
/// <param name="First">The query's first token in the pair.</param>
/// <param name="FirstLength">Its tokens.</param>
/// <param name="Second">The passage's first token in the pair.</param>
/// <param name="SecondLength">Its tokens.</param>
/// <param name="Query">The query's row in the chunk.</param>
readonly record struct CascadePlace(int First, int FirstLength, int Second, int SecondLength, int Query);

/// <summary>What the attention term of a cascade compares: how the cross-encoder's last layer looks from the query's tokens to the passage's, and the inner products of late interaction's vectors of the same tokens.</summary>
static class CascadeAttention
{
    /// <summary>Scores of pairs, (P), and the attention of the last layer, (P, L, L), with gradients.</summary>
    /// <param name="cross">The cross-encoder.</param>
    /// <param name="batch">The pairs.</param>
    public static (Tensor Scores, Tensor Attention) Forward(CrossEncoder cross, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var (encoder, config) = (cross.Transformer, cross.Config);
        var (states, input) = encoder.ForwardWithLastInput(batch);
        var scores = cross.Classify(Pooling.Pool(states, PoolingMode.Cls)).select(1, 0);

        var parameters = encoder.Parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var prefix = TransformerTensors.Layer(config.Layers - 1) + "attention.self.";
        var products = matmul(Split("query"), Split("key").transpose(-2, -1)) / Math.Sqrt(config.HiddenSize / config.Heads);
        var attention = products.masked_fill(states.Mask().logical_not().unsqueeze(1).unsqueeze(1), double.NegativeInfinity).softmax(-1).mean([1]);
        return (scores.MoveToOuterDisposeScope(), attention.MoveToOuterDisposeScope());

        // (T, D) -> (P, H, L, D / H)
        Tensor Split(string name)
        {
            var mapped = F.linear(input.Values, parameters[$"{prefix}{name}.weight"], parameters[$"{prefix}{name}.bias"]);
            return new TokenStates(mapped, batch).Padded().view(batch.Count, states.Width, config.Heads, -1).transpose(1, 2);
        }
    }

    /// <summary>Both sides for P pairs, (P, Lq, Lp), and where they hold tokens.</summary>
    /// <param name="attention">The cross-encoder's, (P, L, L).</param>
    /// <param name="queries">Vectors of the chunk's queries.</param>
    /// <param name="passages">Vectors of the pairs' passages.</param>
    /// <param name="places">Where the texts lie.</param>
    /// <param name="skipped">Vectors of a text before that of its first own token.</param>
    public static (Tensor Cross, Tensor Late, Tensor Mask) Compare(Tensor attention, MultiVectors queries, MultiVectors passages, IReadOnlyList<CascadePlace> places, int skipped)
    {
        using var scope = NewDisposeScope();
        int pairs = places.Count, rows = Math.Max(1, places.Max(p => p.FirstLength)), columns = Math.Max(1, places.Max(p => p.SecondLength));
        var device = attention.device;
        var cross = attention.gather(1, Index(rows, (p, _, t) => p.First + t, p => p.FirstLength).view(pairs, rows, 1).expand(pairs, rows, attention.shape[2]))
            .gather(2, Index(columns, (p, _, t) => p.Second + t, p => p.SecondLength).view(pairs, 1, columns).expand(pairs, rows, columns));
        var first = Vectors(queries, rows, Index(rows, (p, _, t) => queries.Offsets[p.Query] + skipped + t, p => p.FirstLength));
        var second = Vectors(passages, columns, Index(columns, (p, i, t) => passages.Offsets[i] + skipped + t, p => p.SecondLength));
        var mask = Mask(rows, p => p.FirstLength).unsqueeze(2).logical_and(Mask(columns, p => p.SecondLength).unsqueeze(1));
        return (cross.MoveToOuterDisposeScope(), bmm(first, second.transpose(1, 2)).MoveToOuterDisposeScope(), mask.MoveToOuterDisposeScope());

        Tensor Mask(int width, Func<CascadePlace, int> length) => tensor([.. places.SelectMany(p => Enumerable.Range(0, width).Select(t => t < length(p)))], [pairs, width]).to(device);

        // Where there is no token the first is shown, and counts nothing.
        Tensor Index(int width, Func<CascadePlace, int, int, long> at, Func<CascadePlace, int> length) =>
            tensor(places.SelectMany((p, i) => Enumerable.Range(0, width).Select(t => t < length(p) ? at(p, i, t) : 0L)).ToArray()).to(device);

        Tensor Vectors(MultiVectors vectors, int width, Tensor at) => vectors.Values.index_select(0, at).view(pairs, width, vectors.Values.shape[1]);
    }
}
