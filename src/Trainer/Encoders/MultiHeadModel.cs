using Trainer.Encoders.Transformers;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders;

/// <summary>A model with all the heads that lie beside it: texts to dense, sparse and multi-vector embeddings, by one forward of the transformer.</summary>
public sealed class MultiHeadModel : IDisposable
{
    const int BatchTokens = 4096;

    readonly EmbeddingModel _model;
    readonly TransformerEncoder _transformer;
    readonly RetrievalHeads _heads;

    MultiHeadModel(EmbeddingModel model, TransformerEncoder transformer, RetrievalHeads heads) => (_model, _transformer, _heads) = (model, transformer, heads);

    /// <summary>What can be asked for.</summary>
    public HeadSet Available => _heads.Available;

    /// <summary>Configuration, tokenizer and dense embeddings.</summary>
    public EmbeddingModel Model => _model;

    /// <summary>Loads a transformer's folder with <c>sparse_linear</c> and <c>colbert_linear</c> (.safetensors or .pt), those that are there.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="config">The configuration to use it under; null for the one its files say.</param>
    /// <exception cref="TrainerException">A file is missing or unsound, or the model is no transformer.</exception>
    public static MultiHeadModel Load(FileSet files, ModelConfig? config = null)
    {
        var model = ModelFolder.Load(files, config);
        try
        {
            var transformer = (model.Encoder as ITransformerModel ?? throw new TrainerException(
                $"{files.Label} is a model of type {model.Encoder.Type}; sparse and multi-vector heads need a transformer ({TransformerConfig.Known}).")).Transformer;
            var width = transformer.Config.HiddenSize;
            return new MultiHeadModel(model, transformer, new RetrievalHeads
            {
                Pooling = PoolingNames.Parse(model.Config.Pooling),
                Normalize = model.Config.Normalize,
                Sparse = SparseHead.Load(files, width, UnusedTokens.Find(files, model.Tokenizer, transformer.Config.ModelType)),
                MultiVector = MultiVectorHead.Load(files, width),
            });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Embeddings of texts, in their order.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="role">Side of retrieval, whose prompt and length apply; null for a passage without a prompt.</param>
    /// <param name="heads">What to compute.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="TrainerException">A head is asked for that is not there.</exception>
    public TextEmbeddings[] Encode(IReadOnlyList<string> texts, TextRole? role, HeadSet heads, int threads = 1, CancellationToken cancellationToken = default)
    {
        _heads.Require(heads);
        var reader = role is null ? new EmbeddingModel(_model.Config with { PassagePrompt = "" }, _model.Tokenizer, _model.Encoder) : _model;
        var tokens = reader.Tokenize(texts, role ?? TextRole.Passage, threads, cancellationToken);
        var result = new TextEmbeddings[texts.Count];
        _transformer.Training = false;
        foreach (var rows in tokens.Batches(BatchTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            var outputs = _heads.Forward(_transformer.Forward(tokens.Gather(rows)), heads);
            var dense = outputs.Dense?.cpu().data<float>().ToArray();
            var (sparse, vectors) = (outputs.Sparse?.ToPairs(), outputs.MultiVector?.ToArrays());
            var width = (dense?.Length ?? 0) / rows.Length;
            for (var i = 0; i < rows.Length; i++)
            {
                result[rows[i]] = new TextEmbeddings(dense?.AsSpan(i * width, width).ToArray(), sparse?[i], vectors?[i]);
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heads.Dispose();
        _model.Dispose();
    }
}
