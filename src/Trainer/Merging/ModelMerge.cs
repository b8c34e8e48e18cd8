using System.Globalization;
using System.Text.Json;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Merging;

/// <summary>A merged model.</summary>
/// <param name="Digest">Digest of its files.</param>
/// <param name="Shares">What each model counted, adding up to 1.</param>
/// <param name="Sentence">In words, for the log.</param>
public sealed record MergedModel(string Digest, IReadOnlyList<double> Shares, string Sentence);

/// <summary>
/// The weighted mean of models of the same shape, such as a model before and after fine-tuning: much of what the fine-tuning won, little of what it lost (LM-Cocktail, Xiao et al.
/// 2023, arXiv:2311.13534; Wortsman et al. 2022, arXiv:2203.05482). What it lost all the same is for <see cref="ForgettingReport"/> to say.
/// </summary>
public static class ModelMerge
{
    /// <summary>Merges models, heads included, into a folder. Configuration and tokenizer are the first's.</summary>
    /// <param name="models">The models.</param>
    /// <param name="weights">Weight of each; scaled to add up to 1.</param>
    /// <param name="output">Folder of the merged model.</param>
    /// <exception cref="TrainerException">They read or pool texts otherwise, or have other weights.</exception>
    public static MergedModel Run(IReadOnlyList<FileSet> models, IReadOnlyList<double> weights, string output)
    {
        var shares = MergeShares.Normalize(weights);
        if (shares.Count != models.Count)
        {
            throw new TrainerException($"Found {shares.Count} weights for {models.Count} models to merge; expected one for each.");
        }

        if (models.FirstOrDefault(m => ModelFolder.IsTransformer(m) && CrossEncoder.IsOne(m)) is { } ranker)
        {
            throw new TrainerException($"{ranker.Label} is a cross-encoder; expected models that embed texts, whose mean is one.");
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var first = ModelFolder.Load(models[0]);
        using var heads = Heads(models[0], first);
        var parameters = Parameters(first, heads);
        var sums = parameters.ToDictionary(p => p.Name, p => p.Value.to(float64).mul_(shares[0]), StringComparer.Ordinal);
        for (var k = 1; k < models.Count; k++)
        {
            using var other = ModelFolder.Load(models[k]);
            RequireSameUse(models[0], first, models[k], other);
            using var others = Heads(models[k], other);
            Add(sums, models[0].Label, Parameters(other, others), models[k].Label, shares[k]);
        }

        foreach (var (name, value) in parameters)
        {
            value.copy_(sums[name]);
        }

        var transformer = first.Encoder as PooledTransformer;
        ModelFolder.Save(output, first.Config, ModelFolder.Weights(first.Encoder), models[0], transformer?.Transformer.Config, transformer?.Projection?.Activation ?? ProjectionActivation.Identity);
        if (heads is not null)
        {
            HeadFiles.Write(output, heads);
        }

        var parts = models.Zip(shares, (m, s) => $"{s.ToString("0.####", CultureInfo.InvariantCulture)} of {m.Label}");
        return new MergedModel(ModelFolder.Digest(FileSet.FromFolder(output)), shares, $"Merged {string.Join(", ", parts)}.");
    }

    static void Add(Dictionary<string, Tensor> sums, string label, IReadOnlyList<(string Name, Parameter Value)> parameters, string otherLabel, double share)
    {
        WeightedMean.RequireSame(label, sums.Keys.ToHashSet(StringComparer.Ordinal), otherLabel, parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal));
        foreach (var (name, value) in parameters)
        {
            if (!value.shape.SequenceEqual(sums[name].shape))
            {
                throw new TrainerException($"'{name}' has shape ({string.Join(", ", sums[name].shape)}) in {label}, ({string.Join(", ", value.shape)}) in {otherLabel}: expected models of the same shape.");
            }

            using var scaled = value.to(float64).mul_(share);
            sums[name].add_(scaled);
        }
    }

    static IReadOnlyList<(string Name, Parameter Value)> Parameters(EmbeddingModel model, RetrievalHeads? heads) => [.. model.Encoder.Parameters, .. heads?.Parameters ?? []];

    // The projection belongs to the encoder already.
    static RetrievalHeads? Heads(FileSet files, EmbeddingModel model) => model.Encoder is PooledTransformer transformer && HeadFiles.Any(files)
        ? new RetrievalHeads
        {
            Pooling = transformer.Pooling,
            Normalize = model.Config.Normalize,
            Sparse = SparseHead.Load(files, transformer.Transformer.Config.HiddenSize, []),
            MultiVector = MultiVectorHead.Load(files, transformer.Transformer.Config.HiddenSize),
        }
        : null;

    static void RequireSameUse(FileSet files, EmbeddingModel first, FileSet otherFiles, EmbeddingModel other)
    {
        var (mine, its) = (Use(first.Config), Use(other.Config));
        if (mine != its)
        {
            throw new TrainerException($"{files.Label} and {otherFiles.Label} cannot be merged: the first is used as {mine}, the second as {its}. Expected the same kind, dimensions, pooling and prompts.");
        }

        if (ExportSamples.With([]).FirstOrDefault(t => !first.Tokenizer.Encode(t).SequenceEqual(other.Tokenizer.Encode(t))) is { } text)
        {
            throw new TrainerException($"{files.Label} and {otherFiles.Label} cannot be merged: their tokenizers give different ids to '{text[..Math.Min(60, text.Length)]}'. Expected the same tokenizer, since an embedding belongs to its id.");
        }
    }

    static string Use(ModelConfig config) => JsonSerializer.Serialize(new { config.ModelType, config.Dimensions, config.VocabularySize, config.Pooling, config.Normalize, config.QuerySide, config.QueryPrompt, config.PassagePrompt });
}
