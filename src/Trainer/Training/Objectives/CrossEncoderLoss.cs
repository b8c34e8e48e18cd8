using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>What <see cref="CrossEncoderOptions"/> ask for, as one loss: a weighted sum. With R-Drop each term is the mean over both passes.</summary>
sealed class CrossEncoderLoss : IScoreLoss
{
    readonly List<(string Name, double Weight, IScoreLoss Loss)> _terms = [];

    /// <exception cref="TrainerException">The options ask for nothing, or for R-Drop without lists.</exception>
    public CrossEncoderLoss(CrossEncoderOptions options)
    {
        if (options.LabelWeight == 0 && options.DistillWeight == 0)
        {
            throw new TrainerException("label_weight and distill_weight are both 0: the cross-encoder would learn nothing. Set one above 0.");
        }

        if (options.RDrop > 0 && (options.Labels != CrossEncoderLabels.ListWise || options.LabelWeight == 0))
        {
            throw new TrainerException($"r_drop {options.RDrop} compares softmaxes over lists; expected labels list_wise with label_weight above 0, or r_drop 0.");
        }

        if (options.LabelWeight > 0)
        {
            IScoreLoss labels = options.RDrop > 0 ? new RDrop(options.RDrop / options.LabelWeight)
                : options.Labels == CrossEncoderLabels.ListWise ? new ListwiseCrossEntropy() : new PointwiseCrossEntropy(options.PositiveWeight);
            _terms.Add(("label_loss", options.LabelWeight, labels));
        }

        if (options.DistillWeight > 0)
        {
            _terms.Add(("distill_loss", options.DistillWeight, new KlDivergence(options.DistillTemperature)));
        }
    }

    /// <inheritdoc/>
    public LossNeeds Needs => _terms.Aggregate(LossNeeds.None, (needs, term) => needs | term.Loss.Needs);

    /// <inheritdoc/>
    public int Passes => _terms.Max(term => term.Loss.Passes);

    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var parts = new List<(string, Tensor)>();
        var total = zeros([], inputs.Scores.dtype, inputs.Scores.device);
        foreach (var (name, weight, loss) in _terms)
        {
            var value = loss.Compute(inputs, rows);
            var term = loss.Passes == 1 && inputs.ScoresAgain is { } again ? (value.Total + loss.Compute(inputs with { Scores = again }, rows).Total) / 2 : value.Total;
            total += term * weight;
            parts.AddRange([(name, term.detach()), .. value.Parts]);
        }

        return new LossValue(total) { Parts = parts }.MoveToOuterDisposeScope();
    }
}
