using Trainer.Encoders;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Training.Distributed;

/// <summary>
/// Cross-device negatives (Qu and others 2021, RocketQA, arXiv:2010.08191): every rank gets the embeddings of the whole batch, computes the loss of its own rows, and gets back the gradients of what it embedded,
/// summed over ranks. A loss gives the share of some rows in the loss of the batch, so the sums are the gradients of one process, without a factor.
/// </summary>
/// <param name="context">The ranks.</param>
/// <param name="share">What this rank embeds of the batch.</param>
public sealed class DistributedEmbeddings(DistributedContext context, BatchShare share)
{
    bool _agreed;

    /// <summary>What this rank embeds of the batch.</summary>
    public BatchShare Share => share;

    /// <summary>Gathers all sides of the batch: queries, candidates, and queries once more where the loss reads them twice.</summary>
    public IReadOnlyList<GatheredTexts> Gather(IReadOnlyList<HeadOutputs> sides) => [.. sides.Select((s, k) => Gather(s, k == 1 ? TextRole.Passage : TextRole.Query))];

    /// <summary>Gathers what the ranks embedded of one side of the batch.</summary>
    /// <param name="local">This rank's texts, in the order of its share; their graph is left behind.</param>
    /// <param name="side">Queries or candidates.</param>
    /// <returns>All texts, in the order of the batch.</returns>
    /// <exception cref="TrainerException">The ranks do not have the same batch, or a rank has not embedded its share.</exception>
    public GatheredTexts Gather(HeadOutputs local, TextRole side)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        RequireOneBatch();
        var of = side == TextRole.Query ? "the queries' embeddings" : "the candidates' embeddings";
        if (local.Count != share.Places(context.Rank, side).Count)
        {
            throw new TrainerException($"Rank {context.Rank} has {local.Count} texts for {of}; its share of the batch is {share.Places(context.Rank, side).Count}.");
        }

        var order = new TextOrder(share, side, context.WorldSize);
        var places = new List<Tensor>();
        var all = new HeadOutputs
        {
            Dense = local.Dense is { } dense ? Ordered(Rows(dense, of), order.Ones(), dense.device, places) : null,
            Sparse = local.Sparse is { } sparse ? Sparse(sparse, order, of, places) : null,
            MultiVector = local.MultiVector is { } vectors ? MultiVector(vectors, order, of, places) : null,
        };
        return new GatheredTexts(all, places).MoveToOuterDisposeScope();
    }

    /// <summary>Sums gradients over ranks and cuts them to what this rank embedded.</summary>
    /// <param name="gathered">Sides of the batch.</param>
    /// <param name="gradients">For each side, the gradients of this rank's share of the loss, one for each tensor of the embeddings of the whole batch.</param>
    /// <returns>For each side, gradients of the rank's own embeddings, tensor by tensor.</returns>
    public IReadOnlyList<IReadOnlyList<Tensor>> Return(IReadOnlyList<GatheredTexts> gathered, IReadOnlyList<IReadOnlyList<Tensor>> gradients)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var flat = cat([.. gradients.SelectMany(g => g).Select(g => g.to(float32).reshape(-1))], 0);
        context.Group?.AllReduce(flat, of: "the gradients of the embeddings");
        var start = 0L;
        return [.. gathered.Zip(gradients, (texts, side) => (IReadOnlyList<Tensor>)[.. texts.Local.Zip(side, (places, gradient) =>
        {
            var summed = flat.narrow(0, start, gradient.numel()).view(gradient.shape);
            start += gradient.numel();
            return summed.index_select(0, places).MoveToOuterDisposeScope();
        })])];
    }

    /// <summary>A column's name for the seeds of dropout: ranks read other texts and drop other elements. Rank 0's are those of one process.</summary>
    public string Column(string column) => context.Rank == 0 ? column : $"{column}@{context.Rank}";

    Tensor[] Rows(Tensor local, string of) => context.Group?.AllGatherRows(local.detach().contiguous(), of) ?? [local.detach()];

    long[] Numbers(IEnumerable<long> local, string of) =>
        [.. Rows(tensor(local.ToArray()).to(context.Group?.Device ?? CPU), of).SelectMany(t => t.cpu().data<long>().ToArray())];

    static Tensor Ordered(Tensor[] parts, TextOrder.Entries entries, Device device, List<Tensor> places)
    {
        places.Add(tensor(entries.Own).to(device));
        var all = cat(parts, 0);
        return entries.InOrder ? all : all.index_select(0, tensor(entries.Source).to(device));
    }

    SparseVectors Sparse(SparseVectors local, TextOrder order, string of, List<Tensor> places)
    {
        var entries = order.Of(Numbers(Lengths(local.Offsets, local.Weights.shape[0]), of), context.Rank);
        var ids = Numbers(local.Ids, of);
        return new SparseVectors(Ordered(Rows(local.Weights, of), entries, local.Weights.device, places), [.. entries.Source.Select(s => ids[s])], entries.Offsets);
    }

    MultiVectors MultiVector(MultiVectors local, TextOrder order, string of, List<Tensor> places)
    {
        var entries = order.Of(Numbers(Lengths(local.Offsets, local.Values.shape[0]), of), context.Rank);
        return new MultiVectors(Ordered(Rows(local.Values, of), entries, local.Values.device, places), entries.Offsets);
    }

    static IEnumerable<long> Lengths(IReadOnlyList<long> offsets, long total) => offsets.Select((o, i) => (i + 1 < offsets.Count ? offsets[i + 1] : total) - o);

    void RequireOneBatch()
    {
        if (_agreed || context.Group is not { } group)
        {
            return;
        }

        long[] own = [share.Count, share.Candidates, (long)share.Digest];
        var all = group.AllGather(tensor(own).to(group.Device), "the batch's shape").Select(t => t.cpu().data<long>().ToArray()).ToArray();
        if (Array.FindIndex(all, a => !a.AsSpan().SequenceEqual(own)) is var other && other >= 0)
        {
            throw new TrainerException(
                $"Rank {context.Rank} has a batch of {own[0]} rows and {own[1]} candidates, rank {other} one of {all[other][0]} and {all[other][1]}{(own.AsSpan(0, 2).SequenceEqual(all[other].AsSpan(0, 2)) ? " that belong to other rows" : "")}. Ranks make the same batches from the same data, options and seed: start them with the same.");
        }

        _agreed = true;
    }
}
