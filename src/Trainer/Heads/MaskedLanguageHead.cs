using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Heads;

/// <summary>
/// Scores of all tokens for a place of a text, (N, D) to (N, V), as Hugging Face's models for masked language modelling compute them: norm(gelu(dense(x))) E^T + b, E the encoder's own token table.
/// BERT's names are cls.predictions.*, XLM-RoBERTa's lm_head.*, ModernBERT's head.* and decoder.bias (its dense and norm have no bias). Only continued pre-training has it; it lies beside the model, so that the next one goes on with it.
/// </summary>
public sealed class MaskedLanguageHead : IDisposable
{
    /// <summary>Its own file beside a model.</summary>
    public const string FileName = "masked_language_head.safetensors";

    readonly TransformerConfig _config;
    readonly LinearMap _dense;
    readonly Parameter _gamma;
    readonly Parameter? _beta;
    readonly Parameter _bias;

    MaskedLanguageHead(TransformerConfig config, LinearMap dense, Tensor gamma, Tensor? beta, Tensor bias) =>
        (_config, _dense, _gamma, _beta, _bias) = (config, dense, new Parameter(gamma), beta is null ? null : new Parameter(beta), new Parameter(bias));

    /// <summary>Parameters by the names of Hugging Face's models; the token table is the encoder's.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters
    {
        get
        {
            var (dense, norm, bias) = Names(_config);
            return [(bias, _bias), .. _dense.Parameters(dense), (norm + "weight", _gamma), .. _beta is null ? [] : new[] { (norm + "bias", _beta) }];
        }
    }

    /// <summary>A new head: weights normal with the configuration's deviation, biases 0, norm 1.</summary>
    /// <param name="config">The encoder's configuration.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="TrainerException">The encoder is of a type whose head is not computed here.</exception>
    public static MaskedLanguageHead Create(TransformerConfig config, long seed)
    {
        _ = Names(config);
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        random.manual_seed(seed);
        long width = config.HiddenSize;
        var dense = config.Modern is null ? LinearMap.Normal(config.HiddenSize, config.HiddenSize, config.InitializerRange) : new LinearMap(new Parameter(randn(width, width) * config.InitializerRange), null);
        return new MaskedLanguageHead(config, dense, ones(width), config.Modern is { NormBias: false } ? null : zeros(width), zeros(config.VocabularySize));
    }

    /// <summary>Loads the head of a model's folder: its own file, else what the model's weights have of it; null where there is none.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="config">The encoder's configuration.</param>
    /// <exception cref="TrainerException">The head is incomplete, of another shape, or of a type that is not computed here.</exception>
    public static MaskedLanguageHead? Load(FileSet files, TransformerConfig config)
    {
        var shards = files.Paths.Keys.Where(n => n.StartsWith("model-", StringComparison.Ordinal) && n.EndsWith(".safetensors", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        foreach (var name in new[] { FileName, ModelFolder.WeightsFile }.Where(files.Has).Concat(shards))
        {
            using var file = new WeightFile(files[name], name);
            if (file.Has(Names(config).Dense + "weight"))
            {
                return Read(file, config);
            }
        }

        return null;
    }

    /// <summary>norm(gelu(dense(x))), (N, D).</summary>
    /// <param name="states">Hidden states, (N, D).</param>
    public Tensor Transform(Tensor states)
    {
        using var scope = NewDisposeScope();
        return F.layer_norm(_dense.Apply(states).to(float32).gelu(), [_config.HiddenSize], _gamma, _beta, _config.LayerNormEpsilon).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of all tokens, (N, V).</summary>
    /// <param name="transformed">What <see cref="Transform"/> gives.</param>
    /// <param name="table">The encoder's token table, (V, D).</param>
    public Tensor Scores(Tensor transformed, Tensor table) => F.linear(transformed, table, _bias);

    /// <summary>Writes its file into a model's folder. Equal heads give equal bytes.</summary>
    /// <param name="folder">The folder; made if absent.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        HeadFiles.WriteTensors(Path.Combine(folder, FileName), Parameters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dense.Dispose();
        _gamma.Dispose();
        _beta?.Dispose();
        _bias.Dispose();
    }

    static (string Dense, string Norm, string Bias) Names(TransformerConfig config) => config.ModelType switch
    {
        TransformerConfig.Bert => ("cls.predictions.transform.dense.", "cls.predictions.transform.LayerNorm.", "cls.predictions.bias"),
        TransformerConfig.XlmRoberta => ("lm_head.dense.", "lm_head.layer_norm.", "lm_head.bias"),
        TransformerConfig.ModernBert => ("head.dense.", "head.norm.", "decoder.bias"),
        var other => throw new TrainerException($"Masked-language training of a model of type {other} is not computed here; expected {TransformerConfig.Known}."),
    };

    static MaskedLanguageHead Read(WeightFile file, TransformerConfig config)
    {
        using var scope = NewDisposeScope();
        var (dense, norm, bias) = Names(config);

        // Old conversions name the parts of norms gamma and beta; some models have the bias with the decoder alone.
        var old = file.Has(norm + "gamma");
        var decoder = bias.Replace("bias", "decoder.bias", StringComparison.Ordinal);
        return new MaskedLanguageHead(
            config,
            LinearMap.Read(file, dense, config.HiddenSize, config.HiddenSize, config.Modern is null || file.Has(dense + "bias")),
            Vector(norm + (old ? "gamma" : "weight"), config.HiddenSize),
            config.Modern is null || file.Has(norm + "bias") ? Vector(norm + (old ? "beta" : "bias"), config.HiddenSize) : null,
            Vector(!file.Has(bias) && file.Has(decoder) ? decoder : bias, config.VocabularySize));

        Tensor Vector(string name, int length) => tensor(file.Floats(name, length));
    }
}
