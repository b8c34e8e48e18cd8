using TorchSharp;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Training.Guides;

/// <summary>
/// A guide in memory: a model folder, ours or Hugging Face's. It reads the source texts with its own tokenizer, prompts and lengths, once, before the first step; each step encodes the batch's.
/// </summary>
public sealed class ModelGuide : IGuide
{
    readonly EmbeddingModel _model;
    readonly TokenStore _queries, _passages;

    ModelGuide(EmbeddingModel model, TokenStore queries, TokenStore passages) => (_model, _queries, _passages) = (model, queries, passages);

    /// <inheritdoc/>
    public string Digest => _model.Digest;

    /// <inheritdoc/>
    public int Dimensions => _model.Encoder.Dimensions;

    /// <summary>Loads a guide and tokenises the training set's texts for it.</summary>
    /// <param name="files">The model.</param>
    /// <param name="set">The training set, read with its texts.</param>
    /// <param name="options">Options.</param>
    /// <param name="student">Digest of the model that training starts from; null for a new one.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="cancellationToken">Stops between chunks of texts.</param>
    /// <exception cref="TrainerException">The guide is the student, the set has no texts, or the folder is unsound.</exception>
    public static ModelGuide Load(FileSet files, TrainingSet set, GuideOptions options, string? student, Device device, int threads, CancellationToken cancellationToken = default)
    {
        GuideCheck.RequireAnother(ModelFolder.Digest(files), student, options);
        var (queries, passages) = GuideCheck.Texts(set);
        var model = ModelFolder.Load(files);
        try
        {
            model.Encoder.Precision = options.Precision;
            model.Encoder.Parameters.Select(p => p.Value).ToList().MoveTo(device);
            return new ModelGuide(model, model.Tokenize(queries, TextRole.Query, threads, cancellationToken), model.Tokenize(passages, TextRole.Passage, threads, cancellationToken));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Embed(TextRole role, ReadOnlySpan<int> texts) => _model.Embed((role == TextRole.Query ? _queries : _passages).Gather(texts), role);

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
