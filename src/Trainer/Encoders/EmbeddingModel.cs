using DataPrep.Text;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;

namespace Trainer.Encoders;

/// <summary>A model ready to encode: configuration, tokenizer, encoder.</summary>
/// <param name="config">What its configuration says.</param>
/// <param name="tokenizer">Text to ids.</param>
/// <param name="encoder">Ids to embeddings; disposed with the model.</param>
/// <param name="digest">Digest of the model's files, or empty for a model that was never saved.</param>
public sealed class EmbeddingModel(ModelConfig config, ITokenizer tokenizer, IEncoder encoder, string digest = "") : IDisposable
{
    // Tokens of a batch: enough to fill the processor, few enough to stay in its caches.
    const int TransformerTokens = 4096;
    const int StaticTokens = 1 << 20;

    // Products of as many rows are no small ones for any width that encoders have.
    const int SteadyTokens = 1024;

    /// <summary>What its configuration says.</summary>
    public ModelConfig Config => config;

    /// <summary>Text to ids.</summary>
    public ITokenizer Tokenizer => tokenizer;

    /// <summary>Ids to embeddings.</summary>
    public IEncoder Encoder => encoder;

    /// <summary>Lower-case hex SHA-256 of the names and contents of the files it was loaded from; empty for a model that was never saved.</summary>
    public string Digest => digest;

    /// <summary>Tensors of its files that no part of it uses (poolers, heads), by name.</summary>
    public IReadOnlyList<string> Unused => encoder is ITransformerModel transformer ? transformer.Transformer.Foreign : [];

    /// <summary>A text as the model reads it: with the prompt of its role.</summary>
    public string Prompted(string text, TextRole role) => (role == TextRole.Query ? config.QueryPrompt : config.PassagePrompt) is { Length: > 0 } prompt ? prompt + text : text;

    /// <summary>Tokenises texts for this model, in parallel.</summary>
    public TokenStore Tokenize(IReadOnlyList<string> texts, TextRole role, int threads, CancellationToken cancellationToken = default)
    {
        var prompted = config.QueryPrompt.Length + config.PassagePrompt.Length == 0 ? texts : texts.Select(t => Prompted(t, role)).ToList();
        return TokenStore.Tokenize(prompted, tokenizer, role == TextRole.Query ? config.QueryLength : config.PassageLength, encoder.SpecialTokens, threads, cancellationToken);
    }

    /// <summary>Embeddings of a batch, (B, D), normalised where the configuration says so; no graph is recorded.</summary>
    public Tensor Embed(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        encoder.Training = false;
        var embeddings = encoder.Forward(batch, role).to(float32);
        return (config.Normalize ? nn.functional.normalize(embeddings) : embeddings).MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings of tokenised texts, (N, D), batch by batch; texts of like length share a batch.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="role">Side of retrieval they are on.</param>
    /// <param name="steady">
    /// Fills a small batch up with texts of its own. Matrix libraries take other ways for small products, whose last bits differ; so a text's bits do not depend on what it is encoded with.
    /// For corpora: a lone query is quicker without.
    /// </param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public Tensor Embed(TokenStore texts, TextRole role, bool steady = false, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var all = zeros(texts.Count, encoder.Dimensions);
        foreach (var rows in texts.Batches(encoder.SpecialTokens ? TransformerTokens : StaticTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var filled = steady && encoder.SpecialTokens ? texts.Filled(rows, SteadyTokens) : rows;
            var embeddings = Embed(texts.Gather(filled), role).narrow(0, 0, rows.Length);
            all.index_copy_(0, tensor(Array.ConvertAll(rows, r => (long)r)), embeddings.cpu());
        }

        return all.MoveToOuterDisposeScope();
    }

    /// <summary>Embeddings of texts, one array each.</summary>
    /// <param name="texts">The texts, without prompts.</param>
    /// <param name="role">Side of retrieval they are on.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="steady">Whether a text's bits must not depend on what it is encoded with; see <see cref="Embed(TokenStore, TextRole, bool, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public float[][] Encode(IReadOnlyList<string> texts, TextRole role, int threads = 1, bool steady = false, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var values = Embed(Tokenize(texts, role, threads, cancellationToken), role, steady, cancellationToken).data<float>().ToArray();
        return Enumerable.Range(0, texts.Count).Select(i => values.AsSpan(i * encoder.Dimensions, encoder.Dimensions).ToArray()).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();
}
