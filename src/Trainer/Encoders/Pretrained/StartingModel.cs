using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Training;

namespace Trainer.Encoders.Pretrained;

/// <summary>What a training starts from, decided before a row is read or a weight loaded.</summary>
/// <param name="Config">The configuration of the model that comes out.</param>
/// <param name="Contradictions">What the job changes about its initial model, allowed or not.</param>
/// <param name="Advice">Lines for the user: what is unusual, and what to do about it.</param>
public sealed record StartingModel(ModelConfig Config, IReadOnlyList<Contradiction> Contradictions, IReadOnlyList<string> Advice)
{
    const int NewQueryLength = 64;
    const int NewPassageLength = 256;

    /// <summary>Rates above this are what unfinished models are trained with (2e-5 to 5e-5 in the published recipes); finished ones want less.</summary>
    public const double FinishedRate = 1e-5;

    /// <summary>Decides.</summary>
    /// <param name="initial">Files of the initial model; null starts anew.</param>
    /// <param name="vocabularySize">Entries of the tokenizer.</param>
    /// <param name="options">The training's options.</param>
    /// <exception cref="TrainerException">The options contradict each other or cannot be met.</exception>
    public static StartingModel Decide(FileSet? initial, int vocabularySize, TrainOptions options)
    {
        if (initial is null)
        {
            return new(options.Transformer is { } transformer ? NewTransformer(transformer, vocabularySize, options) : NewStatic(vocabularySize, options), [], []);
        }

        if (ModelFolder.IsTransformer(initial))
        {
            var settings = ModelSettings.Read(initial);
            var (config, found) = CompatibilityGate.Decide(settings, options.Model, options.QueryLength, options.PassageLength);
            List<string> advice = [];
            if (settings.IsFinished && options.LearningRate > FinishedRate)
            {
                advice.Add(
                    $"{settings.Name} is a finished model ({settings.Family!.Name}), not one meant to be trained further: learning_rate {options.LearningRate:G3} is that of an unfinished one. " +
                    $"Expect to need less, {FinishedRate:G3} and below; `workflow sweep` makes a job that tries three rates.");
            }

            return new(config with { MatryoshkaDimensions = options.Loss.MatryoshkaDims.Count > 0 ? options.Loss.MatryoshkaDims : config.MatryoshkaDimensions }, found, advice);
        }

        var own = ModelFolder.ReadConfig(initial);
        List<Contradiction> differ = [];
        if ((options.QueryLength ?? 0) > own.QueryLength || (options.PassageLength ?? 0) > own.PassageLength)
        {
            differ.Add(new(ModelTrait.Length, $"{own.QueryLength} tokens of a query and {own.PassageLength} of a passage ({ModelFolder.ConfigFile})",
                $"{options.QueryLength ?? own.QueryLength} and {options.PassageLength ?? own.PassageLength}"));
        }

        return new(own with { QueryLength = options.QueryLength ?? own.QueryLength, PassageLength = options.PassageLength ?? own.PassageLength }, differ, []);
    }

    static ModelConfig NewStatic(int vocabularySize, TrainOptions options) => new()
    {
        ModelType = StaticEncoder.TypeName,
        Dimensions = options.Encoder.Dimensions,
        VocabularySize = vocabularySize,
        Pooling = "weighted_mean",
        Normalize = options.Encoder.Normalize,
        QuerySide = options.Encoder.QuerySide,
        MatryoshkaDimensions = options.Loss.MatryoshkaDims,
        QueryLength = options.QueryLength ?? NewQueryLength,
        PassageLength = options.PassageLength ?? NewPassageLength,
        QueryPrompt = options.Model.QueryPrompt ?? "",
        PassagePrompt = options.Model.PassagePrompt ?? "",
    };

    static ModelConfig NewTransformer(TransformerOptions transformer, int vocabularySize, TrainOptions options)
    {
        var (query, passage) = (options.QueryLength ?? NewQueryLength, options.PassageLength ?? NewPassageLength);
        return Math.Max(query, passage) <= transformer.MaxLength
            ? new ModelConfig
            {
                ModelType = transformer.TypeName,
                Dimensions = options.Model.Projection ?? transformer.HiddenSize,
                VocabularySize = vocabularySize,
                Pooling = PoolingNames.Of(options.Model.Pooling ?? PoolingMode.Mean),
                Normalize = options.Model.Normalize ?? true,
                MatryoshkaDimensions = options.Loss.MatryoshkaDims,
                QueryLength = query,
                PassageLength = passage,
                QueryPrompt = options.Model.QueryPrompt ?? "",
                PassagePrompt = options.Model.PassagePrompt ?? "",
            }
            : throw new TrainerException($"query_length {query} and passage_length {passage}: the new transformer has positions for {transformer.MaxLength} tokens (max_length). Raise it, or keep fewer.");
    }
}
