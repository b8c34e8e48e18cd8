using TorchSharp;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Distributed;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Training.Caching;

/// <summary>
/// Gradient caching (Gao, Zhang, Han and Callan 2021, arXiv:2101.06983): the exact gradient of a loss over a whole batch, with few texts going through the encoder at once. All texts are
/// embedded; the loss gives each embedding its gradient; then these go back through the encoder, mini-batch by mini-batch. The graphs of as many mini-batches as memory allows are kept from the
/// first pass, the others' are computed again with the same draws of dropout. A batch that fits into one mini-batch is the plain step.
/// </summary>
/// <param name="encoder">What is trained.</param>
/// <param name="loss">Any loss: it sees embeddings and knows nothing of this.</param>
/// <param name="options">Options; null is the plain step: all texts at once.</param>
/// <param name="device">Where the encoder runs.</param>
public sealed class GradCache(IEncoder encoder, ILoss loss, GradientCacheOptions? options, Device device)
{
    // Numbers of one matrix of scores, and how many such matrices a loss and its gradient take.
    const long ScoresAtOnce = 1L << 22;
    const int ScoreMatrices = 10;

    /// <summary>How many graphs are kept.</summary>
    public GraphBudget Graphs { get; } = new(options, device, encoder.Parameters.Select(p => p.Value));

    /// <summary>Adds the gradient of a batch's loss to the gradients of the encoder's parameters. The generators are left as they were.</summary>
    /// <param name="queries">B queries.</param>
    /// <param name="passages">C passages, the B positives first.</param>
    /// <param name="known">What the loss reads beside embeddings; its embeddings are not looked at.</param>
    /// <param name="request">The step: its seeds, and texts at once.</param>
    /// <param name="ranks">Where several processes share the batch: then queries and passages are this rank's, what is known is of the whole batch, and loss and figures are the rank's share. Null for one process.</param>
    /// <exception cref="TrainerException">The loss does not use a column, no embedding depends on a parameter that is trained, or the encoder is not the same twice.</exception>
    /// <exception cref="TorchOutOfMemoryException">Memory ran out; no weight has changed, gradients may have.</exception>
    public StepResult Step(TokenBatch queries, TokenBatch passages, LossInputs known, StepRequest request, DistributedEmbeddings? ranks = null)
    {
        using var scope = NewDisposeScope();
        using var draws = new GeneratorStates(device);
        encoder.Training = true;
        var batches = Cut(queries, passages, request.MiniBatch);
        Graphs.Begin(ScoreMatrices * sizeof(float) * Math.Min(ScoresAtOnce, (long)queries.Count * (ranks?.Share.Candidates ?? passages.Count)));

        // 1. Embeddings of all texts; of the first mini-batches with their graphs.
        var kept = new HeadOutputs?[batches.Count];
        var sides = new List<HeadOutputs>[1 + loss.QueryPasses];
        var rows = new long[batches.Count][][];
        for (var i = 0; i < batches.Count; i++)
        {
            using var inner = NewDisposeScope();
            var tokens = batches[i].Texts.Ids.LongLength;
            var graph = batches.Count == 1 || Graphs.Takes(tokens);
            var before = graph ? Graphs.Now() : 0;
            // CUDA may choose other kernels where no graph is recorded: there even a graph that is not kept is made, and dropped at once.
            var outputs = Embed(batches[i], request, graph || device.type == DeviceType.CUDA, ranks);
            if (graph)
            {
                Graphs.Took(tokens, Graphs.Now() - before);
                kept[i] = outputs.MoveToOuterDisposeScope();
            }

            var pieces = batches[i].Segments.Select(s => Values(outputs.Slice(s.Start, s.Count)).MoveToOuterDisposeScope()).ToList();
            rows[i] = [.. pieces.Select(p => p.Tensors.Select(t => t.shape[0]).ToArray())];
            foreach (var (segment, piece) in batches[i].Segments.Zip(pieces))
            {
                (sides[segment.Side] ??= []).Add(piece);
            }
        }

        // 2. The loss over the whole batch, tile by tile, with the embeddings as leaves.
        var whole = sides.Select(HeadOutputs.Concat).ToList();
        var gathered = ranks?.Gather(whole);
        var leaves = (gathered?.Select(g => g.All) ?? whole).Select(Leaves).ToList();
        var (total, parts) = Loss(Inputs(known, leaves), ranks?.Share.Rows);
        IReadOnlyList<IReadOnlyList<Tensor>> gradients = [.. leaves.Select(Gradients)];
        gradients = ranks?.Return(gathered!, gradients) ?? gradients;

        // 3. Back through the encoder. The order is that of the mini-batches whatever was kept, so that no bit depends on it.
        var next = leaves.Select(leaf => new long[leaf.Tensors.Count]).ToList();
        var trained = false;
        for (var i = 0; i < batches.Count; i++)
        {
            using var inner = NewDisposeScope();
            var outputs = kept[i] ?? Embed(batches[i], request, graph: true, ranks);
            var given = Given(batches[i].Segments, rows[i], gradients, next);
            trained |= Backward(outputs, given);
            foreach (var tensor in kept[i]?.Tensors ?? [])
            {
                tensor.Dispose();
            }
        }

        return trained
            ? new StepResult(total, parts, batches.Sum(b => b.Texts.Count), batches.Sum(b => b.Texts.Ids.LongLength))
            : throw new TrainerException($"None of the embeddings {loss.Heads} depends on a parameter that is trained: all that leads to them is frozen. Thaw a part of the encoder, or take a loss that reads another head.");
    }

    /// <summary>The same by one graph through encoder and loss, all rows at once, with the draws of <see cref="Step"/>: what it must equal.</summary>
    /// <returns>The loss.</returns>
    internal double Direct(TokenBatch queries, TokenBatch passages, LossInputs known, StepRequest request)
    {
        using var scope = NewDisposeScope();
        using var draws = new GeneratorStates(device);
        encoder.Training = true;
        var sides = new List<HeadOutputs>[1 + loss.QueryPasses];
        foreach (var batch in Cut(queries, passages, request.MiniBatch))
        {
            var outputs = Embed(batch, request, graph: true, ranks: null);
            foreach (var segment in batch.Segments)
            {
                (sides[segment.Side] ??= []).Add(Singles(outputs.Slice(segment.Start, segment.Count)));
            }
        }

        var value = loss.Compute(Inputs(known, [.. sides.Select(HeadOutputs.Concat)])).Total;
        value.backward();
        return value.ToDouble();
    }

    IReadOnlyList<MiniBatch> Cut(TokenBatch queries, TokenBatch passages, int miniBatch)
    {
        TokenBatch[] sides = loss.QueryPasses == 2 ? [queries, passages, queries] : [queries, passages];
        // Where memory forced fewer texts, as much fewer tokens.
        var tokens = options is null ? long.MaxValue : Math.Max(1, (long)options.MaxTokens * Math.Min(miniBatch, options.MiniBatch) / options.MiniBatch);
        return MiniBatch.Cut(sides, encoder.SharedSides, options is null ? int.MaxValue : miniBatch, tokens);
    }

    HeadOutputs Embed(MiniBatch batch, StepRequest request, bool graph, DistributedEmbeddings? ranks)
    {
        // The same seed, the same masks: a second pass over a mini-batch repeats the first.
        manual_seed(request.SeedOf(ranks?.Column(batch.Column) ?? batch.Column, batch.Index));
        using var mode = set_grad_enabled(graph);
        return encoder.Outputs(batch.Texts, batch.Role, loss.Heads);
    }

    (double Total, IReadOnlyList<(string Name, double Value)> Parts) Loss(LossInputs inputs, RowRange? rows)
    {
        var total = 0.0;
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var tile in (rows ?? inputs.AllRows).Tiles(TileRows(inputs)))
        {
            using var inner = NewDisposeScope();
            var value = loss.Compute(inputs, tile);
            value.Total.backward();
            total += value.Total.ToDouble();
            foreach (var (name, figure) in value.Parts)
            {
                parts[name] = parts.GetValueOrDefault(name) + figure.ToDouble();
            }
        }

        return (total, [.. parts.Select(p => (p.Key, p.Value))]);
    }

    int TileRows(LossInputs inputs)
    {
        var (queries, passages) = (inputs.Queries.MultiVector, inputs.Passages.MultiVector);
        var each = Math.Max(inputs.Passages.Count, queries is null || passages is null ? 0 : queries.Width * passages.Values.shape[0]);
        return options?.LossRows ?? (int)Math.Clamp(ScoresAtOnce / Math.Max(1, each), 1, inputs.Count);
    }

    IReadOnlyList<Tensor> Gradients(HeadOutputs leaf, int side) =>
    [
        .. leaf.Tensors.Select(t => t.grad ?? (t.numel() == 0 ? zeros_like(t) : throw new TrainerException(
            $"The loss gives the {(side == 0 ? "queries'" : side == 1 ? "passages'" : "second pass of the queries'")} embeddings ({loss.Heads}) no gradient: a column or a head that it does not use would " +
            "be encoded for nothing. Leave it out of the job, or take a loss that reads it."))),
    ];

    // Gradients of a mini-batch's embeddings, one for each of its tensors: what the sides have for its texts, one behind the other.
    static IReadOnlyList<Tensor> Given(IReadOnlyList<Segment> segments, long[][] rows, IReadOnlyList<IReadOnlyList<Tensor>> gradients, IReadOnlyList<long[]> next)
    {
        var parts = rows[0].Select(_ => new List<Tensor>()).ToList();
        foreach (var (segment, counts) in segments.Zip(rows))
        {
            for (var h = 0; h < counts.Length; h++)
            {
                parts[h].Add(gradients[segment.Side][h].narrow(0, next[segment.Side][h], counts[h]));
                next[segment.Side][h] += counts[h];
            }
        }

        return [.. parts.Select(p => p.Count == 1 ? p[0] : cat(p, 0))];
    }

    static bool Backward(HeadOutputs outputs, IReadOnlyList<Tensor> given)
    {
        var (roots, gradients) = (new List<Tensor>(), new List<Tensor>());
        foreach (var (value, gradient) in outputs.Tensors.Zip(given))
        {
            if (!value.shape.SequenceEqual(gradient.shape))
            {
                throw new TrainerException(
                    $"The encoder gave embeddings ({string.Join(", ", gradient.shape)}) first and ({string.Join(", ", value.shape)}) when it computed the same mini-batch again: something in it draws " +
                    "random numbers that no seed governs, or computes otherwise without a graph. Such an encoder cannot be trained with gradient caching.");
            }

            if (value.requires_grad)
            {
                roots.Add(value.to(float32));
                gradients.Add(gradient);
            }
        }

        if (roots.Count > 0)
        {
            autograd.backward(roots, gradients);
        }

        return roots.Count > 0;
    }

    static LossInputs Inputs(LossInputs known, IReadOnlyList<HeadOutputs> sides) =>
        known with { Queries = sides[0], Passages = sides[1], QueriesAgain = sides.Count > 2 ? sides[2] : null };

    static HeadOutputs Singles(HeadOutputs outputs) => outputs.With([.. outputs.Tensors.Select(t => t.to(float32))]);

    static HeadOutputs Values(HeadOutputs outputs) => outputs.With([.. outputs.Tensors.Select(t => t.detach().to(float32))]);

    static HeadOutputs Leaves(HeadOutputs outputs) => outputs.With([.. outputs.Tensors.Select(t => t.detach().requires_grad_())]);
}
