using DataPrep.Text;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Distributed;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Training.Objectives;

/// <summary>
/// ERNIE-Search's cascade (Lu and others 2022): a cross-encoder, late interaction and a dual encoder, the two latter of one encoder's forward, are trained together over each query's own candidates. Rows go through whole,
/// as many as have <see cref="StepRequest.MiniBatch"/> candidates, and one at least; their gradients add up to those of the batch.
/// </summary>
public sealed class CascadeObjective : RowObjective
{
    const string Prefix = "cross_encoder.";
    const HeadSet Both = HeadSet.Dense | HeadSet.MultiVector;

    readonly IEncoder _encoder;
    readonly CrossEncoder? _cross;
    readonly TrainingSet _set;
    readonly CascadeObjectiveOptions _options;
    readonly CascadeLoss _loss;
    readonly PairTemplate _template;

    /// <param name="encoder">Gives dense and multi-vector embeddings; the caller's to dispose.</param>
    /// <param name="cross">The cross-encoder, over another transformer or (<see cref="CrossEncoder.Over"/>) the encoder's own; null where its scores are precomputed. The caller's to dispose.</param>
    /// <param name="tokenizer">The tokenizer of both.</param>
    /// <param name="set">The training rows, with special tokens.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="TrainerException">The options contradict each other or the models.</exception>
    public CascadeObjective(IEncoder encoder, CrossEncoder? cross, ITokenizer tokenizer, TrainingSet set, CascadeObjectiveOptions options)
    {
        (_encoder, _cross, _set, _options, _template) = (encoder, cross, set, options, PairTemplate.Of(tokenizer));
        _loss = new CascadeLoss(cross is null ? options.Terms with { CrossWeight = 0 } : options.Terms);
        Check();
        cross?.Transformer.RequireVocabulary(tokenizer.VocabularySize, "The cross-encoder");
        var known = encoder.Parameters.Select(p => p.Value).ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
        Parameters = [.. encoder.Parameters, .. cross?.Parameters.Where(p => !known.Contains(p.Value)).Select(p => (Prefix + p.Name, p.Value)) ?? []];
    }

    /// <inheritdoc/>
    /// <remarks>Those of the cross-encoder that are not the encoder's, too, behind <c>cross_encoder.</c>.</remarks>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    /// <remarks>Parts: the terms, unweighted, by the names of the options.</remarks>
    public override StepResult Backward(StepRequest request)
    {
        using var scope = NewDisposeScope();
        var device = _encoder.Parameters[0].Value.device;
        var lists = CrossEncoderLists.Of(_set, request, _options.Negatives, _cross is null);

        _encoder.Training = true;
        if (_cross is not null)
        {
            _cross.Training = true;
        }

        var (absent, teacher) = (lists.Absent(device), lists.TeacherScores(device));
        var (total, texts, tokens, mini, pairs) = (0.0, 0, 0L, 0, lists.Candidates.Sum(c => c.Length));
        var parts = new Dictionary<string, double>();
        foreach (var (start, count) in lists.Chunks(request.MiniBatch, Own(lists.Count)))
        {
            using var inner = NewDisposeScope();
            var candidates = lists.Candidates.AsSpan(start, count).ToArray();
            var queryBatch = _set.Queries.Gather(lists.Queries.AsSpan(start, count));
            var passageBatch = _set.Passages.Gather([.. candidates.SelectMany(c => c)]);
            var queries = Embed("queries", mini, queryBatch, TextRole.Query);
            var passages = Embed("passages", mini, passageBatch, TextRole.Passage);
            var late = MaxSim.OwnScores(queries.MultiVector!, Groups(passages.MultiVector!, candidates, lists.Group), _options.LateConvention) / _options.LateTemperature;
            var dual = lists.Spread(Products(queries.Dense!, passages.Dense!, candidates), start, count);
            var (cross, compared, pairTokens) = Cross(request, mini, lists, start, count, queries.MultiVector!, passages.MultiVector!);
            var value = _loss.Compute(new CascadeInputs
            {
                Cross = cross is null ? teacher!.narrow(0, start, count) : lists.Spread(cross, start, count),
                Late = late,
                Dual = dual,
                Count = lists.Count,
                Absent = absent.narrow(0, start, count),
                CrossAttention = compared?.Cross,
                LateSimilarities = compared?.Late,
                AttentionMask = compared?.Mask,
                AttentionPairs = pairs,
            });
            value.Total.backward();

            total += value.Total.ToDouble();
            foreach (var (name, part) in value.Parts.Where(p => _cross is not null || p.Name != "cross"))
            {
                parts[name] = parts.GetValueOrDefault(name) + part.ToDouble();
            }

            texts += count + passageBatch.Count + (_cross is null ? 0 : passageBatch.Count);
            (tokens, mini) = (tokens + queryBatch.Ids.LongLength + passageBatch.Ids.LongLength + pairTokens, mini + 1);
        }

        return Ranks.Sum(new StepResult(total, [.. parts.Select(p => (p.Key, p.Value))], texts, tokens));

        HeadOutputs Embed(string column, int miniBatch, TokenBatch batch, TextRole role)
        {
            random.manual_seed(request.SeedOf(Column(column), miniBatch));
            return _encoder.Outputs(batch, role, Both);
        }
    }

    // Scores of the pairs of some rows, (P), and what the attention term compares; null without a cross-encoder, or without the term.
    (Tensor? Scores, (Tensor Cross, Tensor Late, Tensor Mask)? Compared, long Tokens) Cross(StepRequest request, int mini, CrossEncoderLists lists, int start, int count, MultiVectors queries, MultiVectors passages)
    {
        if (_cross is null)
        {
            return (null, null, 0);
        }

        var (pairs, places) = (new List<TokenPair>(), new List<CascadePlace>());
        for (var row = start; row < start + count; row++)
        {
            foreach (var candidate in lists.Candidates[row])
            {
                pairs.Add(_template.Join(
                    _set.Queries[lists.Queries[row]], _set.Passages[candidate], _options.MaxLength ?? _cross.Config.MaxLength, out var first, out var second, out var secondLength));
                places.Add(new CascadePlace(_template.Before, first, second, secondLength, row - start));
            }
        }

        random.manual_seed(request.SeedOf(Column("pairs"), mini));
        var batch = _cross.Batch(pairs);
        if (_options.Terms.Attention.Weight == 0)
        {
            return (_cross.Forward(batch).select(1, 0), null, batch.Ids.LongLength);
        }

        var (scores, attention) = CascadeAttention.Forward(_cross, batch);
        return (scores, CascadeAttention.Compare(attention, queries, passages, places, _template.BeforeSingle - 1), batch.Ids.LongLength);
    }

    // Inner products, or cosines, of each query with its candidates, end to end.
    Tensor Products(Tensor queries, Tensor passages, int[][] candidates)
    {
        (queries, passages) = (queries.to(float32), passages.to(float32));
        (queries, passages) = _options.DualCosine ? (F.normalize(queries), F.normalize(passages)) : (queries, passages);
        var rows = tensor(candidates.SelectMany((c, row) => Enumerable.Repeat((long)row, c.Length)).ToArray()).to(queries.device);
        return (queries.index_select(0, rows) * passages).sum(1) / _options.DualTemperature;
    }

    // The passages as groups of equal size: a place without a candidate is a text without a vector.
    static MultiVectors Groups(MultiVectors passages, int[][] candidates, int group)
    {
        var offsets = new List<long>();
        var next = 0;
        foreach (var own in candidates)
        {
            for (var i = 0; i < group; i++)
            {
                offsets.Add(i < own.Length ? passages.Offsets[next++] : next < passages.Count ? passages.Offsets[next] : passages.Values.shape[0]);
            }
        }

        return new MultiVectors(passages.Values, [.. offsets]);
    }

    void Check()
    {
        if ((_encoder.Heads & Both) != Both)
        {
            throw new TrainerException($"The cascade trains dense and multi-vector embeddings of one encoder; it gives {_encoder.Heads}. Add a multi-vector head (colbert_linear).");
        }

        if (_cross is null != _options.Precomputed)
        {
            throw new TrainerException($"precomputed is {(_options.Precomputed ? "set, and there is" : "not set, and there is no")} cross-encoder; expected scores of the rows, or a cross-encoder that learns along.");
        }

        if (_cross is null && _options.Terms.Attention.Weight > 0)
        {
            throw new TrainerException("The attention term reads the cross-encoder's last layer, and its scores are precomputed; set terms: { attention: { weight: 0 } }.");
        }

        if (_cross is null && _set.Rows.All(row => row.Scores is null))
        {
            throw new TrainerException($"precomputed is set, and none of the {_set.Rows.Count} rows has a cross-encoder's scores; add them (a rescore stage), or leave precomputed out.");
        }

        if (_cross is not null && (_cross.Labels != 1 || _options.MaxLength > _cross.Config.MaxLength))
        {
            throw new TrainerException($"The cross-encoder has {_cross.Labels} labels and {_cross.Config.MaxLength} positions; expected 1 label, and positions for max_length {_options.MaxLength}.");
        }

        if (_options.Terms.Attention.Weight > 0 && _template.BeforeSingle < 1)
        {
            throw new TrainerException("The attention term needs a tokenizer that puts a special token before a text: late interaction has no vector for a text's first token. Set terms: { attention: { weight: 0 } }.");
        }
    }
}
