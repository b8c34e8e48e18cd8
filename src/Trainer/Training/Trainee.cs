using DataPrep.Text;
using DataPrep.Text.WordPiece;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Training.Objectives;

namespace Trainer.Training;

/// <summary>The model under training: one that embeds texts, or a cross-encoder that scores pairs.</summary>
sealed class Trainee : IDisposable
{
    Trainee(StartingModel start, EmbeddingModel? embeddings, CrossEncoder? crossEncoder, ITokenizer tokenizer) =>
        (Start, Embeddings, CrossEncoder, Tokenizer) = (start, embeddings, crossEncoder, tokenizer);

    /// <summary>What it started from.</summary>
    public StartingModel Start { get; }

    /// <summary>The model that embeds; null for a cross-encoder.</summary>
    public EmbeddingModel? Embeddings { get; }

    /// <summary>The model that scores pairs; null for one that embeds.</summary>
    public CrossEncoder? CrossEncoder { get; }

    /// <summary>The cross-encoder that a cascade trains beside the model; null without one.</summary>
    public CrossEncoder? Teacher { get; private init; }

    /// <summary>Its tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Its transformer; null for a static encoder.</summary>
    public TransformerEncoder? Transformer => CrossEncoder?.Transformer ?? (Embeddings!.Encoder as ITransformerModel)?.Transformer;

    /// <summary>Its parameters by the names of its files; those of a cascade's cross-encoder behind <c>cross_encoder.</c>.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => CrossEncoder?.Parameters ?? [.. Embeddings!.Encoder.Parameters, .. Teacher is null ? [] : Others(Teacher)];

    /// <summary>Loads the initial model or makes a new one, with the heads that the phases' losses read.</summary>
    /// <exception cref="TrainerException">Options, initial model and phases do not fit.</exception>
    public static Trainee Create(TrainInputs inputs, TrainOptions options, IReadOnlyList<PhasePlan> plans, ITrainObserver observer)
    {
        var tokenizer = ModelFolder.LoadTokenizer(inputs.InitialModel ?? inputs.Tokenizer);
        var start = StartingModel.Decide(inputs.InitialModel, tokenizer.VocabularySize, options);
        CompatibilityGate.Require(inputs.InitialModel?.Label ?? "", start.Contradictions, options.Model.Allow);
        if (options.Loss.MatryoshkaDims.Any(d => d < 1 || d > start.Config.Dimensions))
        {
            throw new TrainerException($"matryoshka_dims {string.Join(", ", options.Loss.MatryoshkaDims)}: expected lengths from 1 to the encoder's {start.Config.Dimensions}.");
        }

        var pairs = plans.Any(p => p.Options.Objective == ObjectiveKind.CrossEncoder);
        if (pairs && plans.FirstOrDefault(p => p.Options.Objective is not (ObjectiveKind.CrossEncoder or ObjectiveKind.MaskedLanguage)) is { } other)
        {
            throw new TrainerException($"Phase {other.Name} trains embeddings, another one a cross-encoder; expected one kind of model. Train them in stages of their own.");
        }

        var model = pairs ? new Trainee(start, null, Pairs(inputs, options, tokenizer), tokenizer) : Embedding(inputs, options, plans, tokenizer, start);
        foreach (var line in start.Contradictions.Select(c => $"Allowed by the job. {c}.").Concat(start.Advice).Concat(model.Unused.Count > 0 ? [$"Not used of the initial model: {string.Join(", ", model.Unused)}."] : []))
        {
            observer.Log(line);
        }

        if (model.Transformer is { } transformer)
        {
            (transformer.Precision, transformer.Checkpointing) = (options.Precision, options.ActivationCheckpointing);
            if (model.Teacher is { } teacher)
            {
                teacher.Precision = options.Precision;
            }
        }
        else if (plans.FirstOrDefault(p => p.Options.Objective != ObjectiveKind.Contrastive) is { } wants)
        {
            model.Dispose();
            throw new TrainerException($"Phase {wants.Name} needs a transformer; a static encoder has no hidden states. Give `transformer:` or an initial model that is one.");
        }

        return model;
    }

    /// <summary>Writes the model.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="tokenizer">Files of the tokenizer.</param>
    /// <param name="weights">Its weights; null for those it has.</param>
    public void Save(string folder, FileSet tokenizer, IEnumerable<SafetensorsTensor>? weights)
    {
        if (weights is not null)
        {
            var kept = weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
            using var constant = TorchSharp.torch.no_grad();
            foreach (var (name, value) in Parameters)
            {
                kept[name].CopyTo(value);
            }
        }

        if (CrossEncoder is not null)
        {
            CrossEncoder.Save(folder, tokenizer);
            return;
        }

        var shape = Embeddings!.Encoder as ITransformerModel;
        ModelFolder.Save(folder, Embeddings.Config, ModelFolder.Weights(Embeddings.Encoder), tokenizer, shape?.Transformer.Config, shape?.Projection?.Activation ?? ProjectionActivation.Identity);
        Teacher?.Save(Path.Combine(folder, CrossEncoder.Folder), tokenizer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Teacher?.Dispose();
        Embeddings?.Dispose();
        CrossEncoder?.Dispose();
    }

    IReadOnlyList<string> Unused => CrossEncoder?.Foreign ?? Embeddings!.Unused;

    static CrossEncoder Pairs(TrainInputs inputs, TrainOptions options, ITokenizer tokenizer)
    {
        if (inputs.InitialModel is { } initial)
        {
            return CrossEncoder.IsOne(initial) ? CrossEncoder.Load(initial) : CrossEncoder.Start(initial, inputs.Seed);
        }

        var shape = options.Transformer ?? throw new TrainerException("A new cross-encoder needs `transformer:`; a static encoder reads no pairs.");
        return CrossEncoder.Create(shape.ToConfig(tokenizer.VocabularySize, tokenizer.PadId), inputs.Seed);
    }

    static Trainee Embedding(TrainInputs inputs, TrainOptions options, IReadOnlyList<PhasePlan> plans, ITokenizer tokenizer, StartingModel start)
    {
        var heads = plans.Aggregate(HeadSet.Dense, (all, plan) => all | ObjectiveTable.HeadsOf(plan.Options));
        if (inputs.InitialModel is { } initial)
        {
            return Beside(ModelFolder.Load(initial, start.Config, inputs.Seed, heads, options.MultiVectorLength));
        }

        return Beside(new EmbeddingModel(start.Config, tokenizer, NewEncoder(inputs, options, tokenizer, start.Config, heads)));

        Trainee Beside(EmbeddingModel model)
        {
            var cascade = plans.FirstOrDefault(p => p.Options is { Objective: ObjectiveKind.Cascade, Cascade.Precomputed: false })?.Options.Cascade;
            return new Trainee(start, model, null, tokenizer)
            {
                Teacher = cascade is not null && model.Encoder is ITransformerModel own ? NewTeacher(inputs, cascade, own.Transformer) : null,
            };
        }
    }

    static CrossEncoder NewTeacher(TrainInputs inputs, CascadeObjectiveOptions cascade, TransformerEncoder own)
    {
        if (cascade.SharedWeights)
        {
            return CrossEncoder.Over(own, inputs.Seed);
        }

        return (inputs.CrossEncoder ?? inputs.InitialModel) is { } files
            ? CrossEncoder.IsOne(files) ? CrossEncoder.Load(files) : CrossEncoder.Start(files, inputs.Seed)
            : CrossEncoder.Create(own.Config, inputs.Seed + 1);
    }

    // A cross-encoder over the encoder's own transformer shares its parameters.
    IEnumerable<(string Name, Parameter Value)> Others(CrossEncoder teacher)
    {
        var known = Embeddings!.Encoder.Parameters.Select(p => p.Value).ToHashSet<Parameter>(ReferenceEqualityComparer.Instance);
        return teacher.Parameters.Where(p => !known.Contains(p.Value)).Select(p => ("cross_encoder." + p.Name, p.Value));
    }

    static IEncoder NewEncoder(TrainInputs inputs, TrainOptions options, ITokenizer tokenizer, ModelConfig config, HeadSet heads)
    {
        if (options.Transformer is { } transformer)
        {
            var encoder = TransformerEncoder.Create(transformer.ToConfig(tokenizer.VocabularySize, tokenizer.PadId), inputs.Seed);
            var projection = options.Model.Projection is { } outputs ? Projection.Create(transformer.HiddenSize, outputs, inputs.Seed) : null;
            return ModelFolder.WithHeads(encoder, config, projection, tokenizer, inputs.Tokenizer, inputs.Seed, heads, options.MultiVectorLength);
        }

        if (heads != HeadSet.Dense)
        {
            throw new TrainerException($"The losses read the embeddings {heads}; a static encoder gives dense ones alone. Give `transformer:` or an initial model that is one.");
        }

        var weights = options.Encoder.IdfWeights ? inputs.Rows.Passages.LogInverseFrequencies(tokenizer.VocabularySize) : null;
        return StaticEncoder.Create(tokenizer.VocabularySize, options.Encoder, inputs.Seed, (tokenizer as WordPieceTokenizer)?.Model.Pieces, weights);
    }
}
