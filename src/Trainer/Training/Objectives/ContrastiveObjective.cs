using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Caching;
using Trainer.Training.Distributed;
using Trainer.Training.Guides;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>
/// A loss over embeddings of queries and passages: contrastive, distilling or both. With gradient caching its first step checks on a few rows that cached gradients are those of one graph.
/// </summary>
public sealed class ContrastiveObjective : IObjective
{
    readonly IEncoder _encoder;
    readonly ILoss _loss;
    readonly TrainingSet _rows;
    readonly int _negatives;
    readonly Device _device;
    readonly IGuide? _guide;
    readonly GradCache _cache;
    readonly Action<string>? _log;
    bool _unproven;

    /// <param name="encoder">What is trained; the caller's to dispose.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="rows">The training set.</param>
    /// <param name="negatives">Hard negatives drawn per row.</param>
    /// <param name="device">Where the encoder runs.</param>
    /// <param name="caching">Gradient caching; null reads the whole batch at once.</param>
    /// <param name="guide">For losses that want one; disposed with this.</param>
    /// <param name="log">Told what the check of gradient caching found; null for nobody.</param>
    /// <exception cref="TrainerException">The loss wants what is not there, or does not want what is.</exception>
    public ContrastiveObjective(
        IEncoder encoder, ILoss loss, TrainingSet rows, int negatives, Device device, GradientCacheOptions? caching = null, IGuide? guide = null, Action<string>? log = null)
    {
        (_encoder, _loss, _rows, _negatives, _device, _guide, _log, _unproven) = (encoder, loss, rows, negatives, device, guide, log, caching is not null);
        _cache = new GradCache(encoder, loss, caching, device);
        if ((loss.Heads & ~encoder.Heads) != HeadSet.None)
        {
            throw new TrainerException($"The loss reads the embeddings {loss.Heads}; an encoder of type {encoder.Type} gives {encoder.Heads}. Train a model with these heads, or take another loss.");
        }

        if (loss.Needs.HasFlag(LossNeeds.Guide) != guide is not null)
        {
            throw new TrainerException(guide is null
                ? "The loss compares with a guide's embeddings, and there is no guide: give one (guide), a model's folder or its embeddings."
                : "There is a guide, and the loss does not read its embeddings: leave the guide out, or take a loss that reads it (gist).");
        }

        if (loss.Needs.HasFlag(LossNeeds.TeacherScores) && rows.Rows.All(r => r.Scores is null))
        {
            throw new TrainerException($"The loss learns from a teacher's scores, and none of the {rows.Rows.Count} rows has any: give scores (a rescore stage before), or take another loss.");
        }

        if (loss.Needs.HasFlag(LossNeeds.TeacherScores) && negatives == 0)
        {
            throw new TrainerException("The loss learns a teacher's scores of each query's own candidates, and negatives is 0, which leaves the positive alone: set negatives to 1 or more.");
        }
    }

    /// <summary>Processes that share each batch; each embeds its rows and gets the gradients of these in the loss of the whole batch.</summary>
    /// <value>Default: this one alone.</value>
    public DistributedContext Ranks { get; init; } = DistributedContext.Single;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => _encoder.Parameters;

    /// <summary>How many graphs are kept: state for checkpoints, and what is given up first where memory runs out.</summary>
    public GraphBudget Graphs => _cache.Graphs;

    /// <inheritdoc/>
    /// <exception cref="TrainerException">Cached gradients are not those of one graph, the batch has no teacher's scores, or the loss does not use a column.</exception>
    public StepResult Backward(StepRequest request)
    {
        using var scope = NewDisposeScope();
        if (_unproven)
        {
            Check(request);
            _unproven = false;
        }

        var (batch, known, ranks) = Read(request, request.Rows, Ranks);
        return ranks is null
            ? _cache.Step(batch.Queries, batch.Passages, known, request)
            : Ranks.Sum(_cache.Step(ranks.Share.Queries(batch.Queries), ranks.Share.PassagesOf(batch.Passages), known, request, ranks));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ICheckpointed> Parts => [Graphs];

    /// <inheritdoc/>
    public ILoss? HeldOut => _loss is { Heads: HeadSet.Dense, Needs: LossNeeds.None or LossNeeds.OwnCandidates, QueryPasses: 1 } ? _loss : null;

    /// <inheritdoc/>
    public (int Before, int After)? KeepFewer() => Graphs.KeepFewer();

    /// <inheritdoc/>
    public void Dispose() => _guide?.Dispose();

    void Check(StepRequest request)
    {
        // Fewer rows where eight in one graph are too many for the device.
        for (var rows = Math.Min(GradCacheSelfTest.Rows, request.Rows.Length); ; rows /= 2)
        {
            using var scope = NewDisposeScope();
            try
            {
                var (batch, known, _) = Read(request, request.Rows[..rows], DistributedContext.Single);
                var found = GradCacheSelfTest.Check(_encoder, _loss, _device, batch.Queries, batch.Passages, known, request.Seed);
                _log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"Gradient caching gives the gradients of one graph on {rows} rows: relative difference {found.Difference:G2}, cosine {found.Cosine:G9}."));
                return;
            }
            catch (TorchOutOfMemoryException) when (rows >= 4)
            {
            }
        }
    }

    (TrainBatch Batch, LossInputs Known, DistributedEmbeddings? Ranks) Read(StepRequest request, int[] rows, DistributedContext context)
    {
        var batch = TrainBatch.Build(_rows, rows, _negatives, request.Epoch, request.Seed);
        var (own, scores) = (_loss.Needs.HasFlag(LossNeeds.OwnCandidates), _loss.Needs.HasFlag(LossNeeds.TeacherScores));
        if (scores && batch.TeacherScores is null)
        {
            throw new TrainerException($"The loss learns from a teacher's scores, and no row of a batch of {rows.Length} has any: rescore all pairs that are trained on, or raise batch_size.");
        }

        var ranks = context.IsShared ? new DistributedEmbeddings(context, BatchShare.Of(context, batch.Queries.Count, batch.Passages.Count, batch.Own)) : null;
        return (batch, new LossInputs
        {
            Queries = new HeadOutputs(),
            Passages = new HeadOutputs(),
            Excluded = batch.Excluded.Contains(true) ? tensor(batch.Excluded, [batch.Queries.Count, batch.Passages.Count]).OnDevice(_device) : null,
            Own = own ? tensor(Array.ConvertAll(batch.Own, c => (long)c), [batch.Queries.Count, batch.Group]).OnDevice(_device) : null,
            TeacherScores = scores ? tensor(batch.TeacherScores!, [batch.Queries.Count, batch.Group]).OnDevice(_device) : null,
            GuideQueries = Guided(TextRole.Query, batch.QueryTexts, ranks),
            GuidePassages = Guided(TextRole.Passage, batch.PassageTexts, ranks),
            Step = request.PhaseStep,
        }, ranks);
    }

    Tensor? Guided(TextRole role, int[] texts, DistributedEmbeddings? ranks) => _guide is null ? null
        : ranks is null ? _guide.Embed(role, texts)
        : ranks.Gather(new HeadOutputs { Dense = _guide.Embed(role, [.. ranks.Share.Texts(role).Select(t => texts[t])]) }, role).All.Dense;
}
