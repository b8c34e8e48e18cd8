using DataPrep.Text;
using TorchSharp;
using Trainer.Heads;
using Trainer.Losses;

namespace Trainer.Training.Objectives;

/// <summary>What a phase can optimise, one line each.</summary>
static class ObjectiveTable
{
    /// <summary>Embeddings that a phase's loss reads.</summary>
    public static HeadSet HeadsOf(TrainOptions phase) => phase.Objective switch
    {
        ObjectiveKind.Contrastive => LossTable.Create(phase.Loss).Heads,
        ObjectiveKind.Cascade => HeadSet.Dense | HeadSet.MultiVector,
        _ => HeadSet.None,
    };

    /// <summary>Makes the objective of a phase.</summary>
    /// <param name="model">What is trained.</param>
    /// <param name="plan">The phase.</param>
    /// <param name="inputs">What the training is given.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="observer">Told what is found.</param>
    /// <exception cref="TrainerException">The phase does not fit model or inputs.</exception>
    public static IObjective Create(Trainee model, PhasePlan plan, TrainInputs inputs, torch.Device device, ITrainObserver observer) => plan.Options.Objective switch
    {
        ObjectiveKind.MaskedLanguage => MaskedLanguage(model, plan.Options, inputs),
        ObjectiveKind.CrossEncoder => new CrossEncoderObjective(model.CrossEncoder!, model.Tokenizer, inputs.Rows, plan.Options.CrossEncoder) { Ranks = inputs.Ranks },
        ObjectiveKind.Cascade => new CascadeObjective(model.Embeddings!.Encoder, plan.Options.Cascade.Precomputed ? null : model.Teacher, model.Tokenizer, inputs.Rows, plan.Options.Cascade) { Ranks = inputs.Ranks },
        _ => Contrastive(model, plan.Options, inputs, device, observer),
    };

    static ContrastiveObjective Contrastive(Trainee model, TrainOptions options, TrainInputs inputs, torch.Device device, ITrainObserver observer)
    {
        var loss = LossTable.Create(options.Loss, inputs.Seed);
        var guide = loss.Needs.HasFlag(LossNeeds.Guide) ? inputs.Guide?.Invoke(device) : null;
        return new ContrastiveObjective(model.Embeddings!.Encoder, loss, inputs.Rows, options.Negatives, device, options.GradientCache, guide, observer.Log) { Ranks = inputs.Ranks };
    }

    static MaskedLanguageObjective MaskedLanguage(Trainee model, TrainOptions options, TrainInputs inputs)
    {
        var transformer = model.Transformer!;
        var head = inputs.InitialModel is { } initial ? MaskedLanguageHead.Load(initial, transformer.Config) : null;
        return new MaskedLanguageObjective(
            transformer, head ?? MaskedLanguageHead.Create(transformer.Config, inputs.Seed), inputs.Rows.Passages, TokenKinds.Of(model.Tokenizer), options.MaskedLanguage,
            [.. inputs.Rows.Rows.Select(r => r.Positive)])
        {
            Ranks = inputs.Ranks,
        };
    }
}
