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

/// <summary>
/// The attention term of a cascade: KL(A_ce ‖ A_li) for each token of the query, over the tokens of the passage. A_ce is the mean over heads of the attention of the cross-encoder's last layer, without dropout,
/// restricted to the passage and scaled to sum one; A_li the softmax of the inner products of late interaction's vectors. Means over the query's tokens, then over a row's candidates.
/// </summary>
static class CascadeAttention
{
    /// <summary>Scores of pairs, (P), and the attention of the last layer, (P, L, L), with gradients.</summary>
    /// <param name="cross">The cross-encoder.</param>
    /// <param name="batch">The pairs.</param>
    public static (Tensor Scores, Tensor Attention) Forward(CrossEncoder cross, PaddedBatch batch)
    {
        using var scope = NewDisposeScope();
        var (encoder, config) = (cross.Transformer, cross.Config);
        var device = encoder.Parameters[0].Value.device;
        var (ids, mask) = batch.ToTensors(device);
        var types = batch.Types is null ? null : tensor(batch.Types, [batch.Count, batch.Width]).to(device);
        var states = encoder.States(ids, mask, types);
        var scores = cross.Classify(states[^1].select(1, 0)).select(1, 0);

        var parameters = encoder.Parameters.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        var prefix = TransformerTensors.Layer(config.Layers - 1) + "attention.self.";
        var products = matmul(Split("query"), Split("key").transpose(-2, -1)) / Math.Sqrt(config.HiddenSize / config.Heads);
        var attention = products.masked_fill(mask.logical_not().unsqueeze(1).unsqueeze(1), double.NegativeInfinity).softmax(-1).mean([1]);
        return (scores.MoveToOuterDisposeScope(), attention.MoveToOuterDisposeScope());

        // (P, L, D) -> (P, H, L, D / H)
        Tensor Split(string name)
        {
            var mapped = F.linear(states[^2], parameters[$"{prefix}{name}.weight"], parameters[$"{prefix}{name}.bias"]);
            return mapped.view(mapped.shape[0], mapped.shape[1], config.Heads, -1).transpose(1, 2);
        }
    }

    /// <summary>The divergence of each pair, (P); 0 where a text has no token.</summary>
    /// <param name="attention">The cross-encoder's, (P, L, L).</param>
    /// <param name="queries">Vectors of the chunk's queries.</param>
    /// <param name="passages">Vectors of the pairs' passages.</param>
    /// <param name="places">Where the texts lie.</param>
    /// <param name="skipped">Vectors of a text before that of its first own token.</param>
    /// <param name="temperature">What products of vectors are divided by.</param>
    public static Tensor Divergence(Tensor attention, MultiVectors queries, MultiVectors passages, IReadOnlyList<CascadePlace> places, int skipped, double temperature)
    {
        using var scope = NewDisposeScope();
        int pairs = places.Count, rows = Math.Max(1, places.Max(p => p.FirstLength)), columns = Math.Max(1, places.Max(p => p.SecondLength));
        var device = attention.device;
        var (rowMask, columnMask) = (Mask(rows, p => p.FirstLength), Mask(columns, p => p.SecondLength));

        // A pair whose passage has no token is looked at as if it had, and counts nothing.
        var hidden = columnMask.logical_not().logical_and(columnMask.any(1, keepdim: true)).unsqueeze(1);
        var taught = attention.gather(1, Index(rows, (p, t) => p.First + t, p => p.FirstLength).view(pairs, rows, 1).expand(pairs, rows, attention.shape[2]))
            .gather(2, Index(columns, (p, t) => p.Second + t, p => p.SecondLength).view(pairs, 1, columns).expand(pairs, rows, columns)).masked_fill(hidden, 0);
        taught = taught / taught.sum(2, keepdim: true).clamp_min(1e-30);

        var (first, second) = (Vectors(queries, rows, p => p.Query, p => p.FirstLength), Vectors(passages, columns, null, p => p.SecondLength));
        var learned = (bmm(first, second.transpose(1, 2)) / temperature).masked_fill(hidden, double.NegativeInfinity).log_softmax(2).masked_fill(hidden, 0);
        var each = (taught * (taught.clamp_min(1e-30).log() - learned)).sum(2);
        var counted = rowMask.logical_and(columnMask.any(1, keepdim: true)).to(each.dtype);
        return ((each * counted).sum(1) / counted.sum(1).clamp_min(1)).MoveToOuterDisposeScope();

        Tensor Mask(int width, Func<CascadePlace, int> length) => tensor([.. places.SelectMany(p => Enumerable.Range(0, width).Select(t => t < length(p)))], [pairs, width]).to(device);

        Tensor Index(int width, Func<CascadePlace, int, long> at, Func<CascadePlace, int> length) =>
            tensor(places.SelectMany(p => Enumerable.Range(0, width).Select(t => t < length(p) ? at(p, t) : 0L)).ToArray()).to(device);

        Tensor Vectors(MultiVectors vectors, int width, Func<CascadePlace, int>? text, Func<CascadePlace, int> length)
        {
            var at = places.SelectMany((p, i) => Enumerable.Range(0, width).Select(t => t < length(p) ? vectors.Offsets[text?.Invoke(p) ?? i] + skipped + t : 0L)).ToArray();
            return vectors.Values.index_select(0, tensor(at).to(device)).view(pairs, width, vectors.Values.shape[1]);
        }
    }
}
