using TorchSharp.Modules;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Heads;

/// <summary>
/// Scores of an input from the state of its first token, (B, D) to (B, labels), as Hugging Face's models for sequence classification compute them.
/// BERT: classifier(dropout(tanh(pooler(x)))). XLM-RoBERTa: out_proj(dropout(tanh(dense(dropout(x))))).
/// </summary>
public sealed class ClassificationHead : IDisposable
{
    readonly bool _bert;
    readonly LinearMap _dense;
    readonly LinearMap _output;

    ClassificationHead(TransformerConfig config, LinearMap dense, LinearMap output, double? dropout)
    {
        (_bert, _dense, _output) = (config.ModelType == TransformerConfig.Bert, dense, output);
        Dropout = dropout ?? config.HiddenDropout;
    }

    /// <summary>Number of scores per input.</summary>
    public int Labels => _output.Outputs;

    /// <summary>Dropout while training.</summary>
    public double Dropout { get; }

    /// <summary>Parameters by the names that Hugging Face's models have them under.</summary>
    public IEnumerable<(string Name, Parameter Value)> Parameters => [.. _dense.Parameters(Names(_bert).Dense), .. _output.Parameters(Names(_bert).Output)];

    /// <summary>A new head: weights normal with the configuration's deviation, biases 0, as Hugging Face initialises them. Draws go on from the generator's state.</summary>
    /// <param name="config">The encoder's configuration.</param>
    /// <param name="labels">Number of scores per input.</param>
    /// <param name="dropout">Dropout while training; null for the encoder's.</param>
    /// <param name="pooler">BERT's pooler of a pretrained model, (D, D) and (D); null for a new one.</param>
    internal static ClassificationHead Create(TransformerConfig config, int labels, double? dropout, LinearMap? pooler = null)
    {
        var dense = pooler ?? LinearMap.Normal(config.HiddenSize, config.HiddenSize, config.InitializerRange);
        return new ClassificationHead(config, dense, LinearMap.Normal(config.HiddenSize, labels, config.InitializerRange), dropout);
    }

    /// <summary>Reads the head of a file; null where the file has none.</summary>
    internal static ClassificationHead? Read(WeightFile file, TransformerConfig config, double? dropout)
    {
        var (dense, output) = Names(config.ModelType == TransformerConfig.Bert);
        return file.Has(output + "weight")
            ? new ClassificationHead(config, ReadDense(file, config, dense), LinearMap.Read(file, output, config.HiddenSize), dropout)
            : null;
    }

    /// <summary>Reads BERT's pooler of a file; null where the file has none.</summary>
    internal static LinearMap? ReadPooler(WeightFile file, TransformerConfig config) => config.ModelType == TransformerConfig.Bert
        && (file.Has("bert.pooler.dense.weight") || file.Has("pooler.dense.weight")) ? ReadDense(file, config, Names(bert: true).Dense) : null;

    /// <summary>Scores, (B, labels).</summary>
    /// <param name="first">States of the first tokens, (B, D).</param>
    /// <param name="training">Whether dropout is on.</param>
    public Tensor Forward(Tensor first, bool training)
    {
        using var scope = NewDisposeScope();
        var x = _dense.Apply(_bert ? first : Drop(first, training)).tanh();
        return _output.Apply(Drop(x, training)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dense.Dispose();
        _output.Dispose();
    }

    static (string Dense, string Output) Names(bool bert) => bert ? ("bert.pooler.dense.", "classifier.") : ("classifier.dense.", "classifier.out_proj.");

    // Some models have the pooler without the encoder's prefix.
    static LinearMap ReadDense(WeightFile file, TransformerConfig config, string name) =>
        LinearMap.Read(file, file.Has(name + "weight") ? name : name.Replace("bert.", "", StringComparison.Ordinal), config.HiddenSize, config.HiddenSize);

    Tensor Drop(Tensor x, bool training) => training && Dropout > 0 ? F.dropout(x, Dropout) : x;
}
