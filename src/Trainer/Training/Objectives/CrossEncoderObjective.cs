using DataPrep.Text;
using TorchSharp.Modules;
using Trainer.Encoders.Transformers;
using Trainer.Losses;
using Trainer.Training.Distributed;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>
/// Trains a cross-encoder on rows of a query, its positive and hard negatives of its own. Where a row's pairs do not go through at once, their scores are computed without a gradient first, and again, with the
/// same dropout, for it: the gradient is that of the whole batch, whatever the mini-batch.
/// </summary>
public sealed class CrossEncoderObjective : RowObjective
{
    static readonly string[] PassColumns = ["pairs", "pairs again"];

    readonly CrossEncoder _encoder;
    readonly TrainingSet _set;
    readonly CrossEncoderOptions _options;
    readonly CrossEncoderLoss _loss;
    readonly PairTemplate _template;
    readonly int _maxLength;

    /// <param name="encoder">What is trained; the caller's to dispose.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="set">The training rows, tokenised by it; special tokens around a text are taken off.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="TrainerException">The options contradict each other or the model.</exception>
    public CrossEncoderObjective(CrossEncoder encoder, ITokenizer tokenizer, TrainingSet set, CrossEncoderOptions options)
    {
        if (encoder.Labels != 1)
        {
            throw new TrainerException($"The cross-encoder has {encoder.Labels} labels; expected 1, the score of a pair. Start a new one from its encoder.");
        }

        if (options.MaxLength > encoder.Config.MaxLength)
        {
            throw new TrainerException($"max_length {options.MaxLength} is more than the {encoder.Config.MaxLength} positions that the cross-encoder has.");
        }

        encoder.Transformer.RequireVocabulary(tokenizer.VocabularySize, "The cross-encoder");
        (_encoder, _set, _options, _loss) = (encoder, set, options, new CrossEncoderLoss(options));
        if (Needs.HasFlag(LossNeeds.TeacherScores) && set.Rows.All(row => row.Scores is null))
        {
            throw new TrainerException($"The cross-encoder is to learn from a teacher, and none of the {set.Rows.Count} rows has a teacher's scores; add them (a rescore stage), or set distill_weight 0.");
        }

        (_template, _maxLength) = (PairTemplate.Of(tokenizer), options.MaxLength ?? encoder.Config.MaxLength);
    }

    /// <summary>What its loss reads beside labels: rows without a teacher's scores add nothing to a distillation.</summary>
    public LossNeeds Needs => _loss.Needs;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters => _encoder.Parameters;

    /// <inheritdoc/>
    /// <remarks>Parts: the loss's terms, and positive_first, the share of rows whose positive has the highest score.</remarks>
    public override StepResult Backward(StepRequest request)
    {
        using var scope = NewDisposeScope();
        var device = _encoder.Parameters[0].Value.device;
        var lists = CrossEncoderLists.Of(_set, request, _options.Negatives, Needs.HasFlag(LossNeeds.TeacherScores));
        var own = Own(lists.Count);
        lists = _options.ForwardFactor > 1 ? lists.Keep(Hardest(lists, own, request.MiniBatch)) : lists;

        _encoder.Training = true;
        var (absent, teacher) = (lists.Absent(device), lists.TeacherScores(device));
        var (total, first, texts, tokens, mini) = (0.0, 0, 0, 0L, 0);
        var parts = new Dictionary<string, double>();
        foreach (var (start, count) in lists.Chunks(Math.Max(1, request.MiniBatch / _loss.Passes), own))
        {
            using var inner = NewDisposeScope();
            var (pairs, before) = (Pairs(lists, start, count), mini);
            var passes = PassColumns.Take(_loss.Passes)
                .Select(column => new CrossEncoderPass(_encoder, pairs, request.MiniBatch, keep: pairs.Count * _loss.Passes <= request.MiniBatch, i => request.SeedOf(Column(column), before + i))).ToList();
            var scores = passes.ConvertAll(pass => lists.Spread(pass.Scores, start, count));
            var value = _loss.Compute(new ScoreInputs { Scores = scores[0], ScoresAgain = scores.ElementAtOrDefault(1), Count = lists.Count, Absent = absent, Teacher = teacher }, new RowRange(start, count));
            value.Total.backward();
            passes.ForEach(pass => pass.Backward());

            total += value.Total.ToDouble();
            foreach (var (name, part) in value.Parts)
            {
                parts[name] = parts.GetValueOrDefault(name) + part.ToDouble();
            }

            first += (int)scores[0].detach().masked_fill(absent.narrow(0, start, count), double.NegativeInfinity).argmax(1).eq(0).sum().ToDouble();
            (texts, tokens, mini) = (texts + pairs.Count, tokens + pairs.Sum(p => (long)p.Ids.Length), mini + passes[0].Count);
        }

        return Ranks.Sum(new StepResult(total, [.. parts.Select(p => (p.Key, p.Value)), ("positive_first", first / (double)lists.Count)], texts, tokens));
    }

    List<TokenPair> Pairs(CrossEncoderLists lists, int start, int count) => [.. Enumerable.Range(start, count).SelectMany(row => lists.Candidates[row].Select(candidate =>
        _template.Join(_set.Queries[lists.Queries[row]], _set.Passages[candidate], _maxLength, out _, out _, out _)))];

    // Places of the candidates with the highest scores without dropout, the positive's first; of equal scores the earlier. Of rows that other processes take only the number is right.
    int[][] Hardest(CrossEncoderLists lists, RowRange rows, int miniBatch)
    {
        _encoder.Training = false;
        var kept = Array.ConvertAll(lists.Candidates, own => Enumerable.Range(0, Math.Min(own.Length, Most(own.Length))).ToArray());
        foreach (var (start, count) in lists.Chunks(miniBatch, rows))
        {
            using var scope = NewDisposeScope();
            var scores = new CrossEncoderPass(_encoder, Pairs(lists, start, count), miniBatch, keep: false, null).Scores.detach().cpu().data<float>().ToArray();
            for (int row = start, at = 0; row < start + count; at += lists.Candidates[row++].Length)
            {
                var own = scores.AsSpan(at, lists.Candidates[row].Length).ToArray();
                kept[row] = [0, .. Enumerable.Range(1, own.Length - 1).OrderByDescending(i => own[i]).ThenBy(i => i).Take(Most(own.Length) - 1).Order()];
            }
        }

        return kept;

        int Most(int candidates) => Math.Max(2, candidates / _options.ForwardFactor);
    }
}
