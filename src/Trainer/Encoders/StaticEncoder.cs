using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Encoders;

/// <summary>
/// A text's embedding is the weighted sum of its tokens' rows, Σ_t exp(w_t) · E_t, with a table E (V, D) and one log-weight w (V) per token, both learned.
/// Scaled to length one it equals the weighted mean, so no mean is taken. With query weights a query's tokens weigh exp(w_t + u_t).
/// A text without a token has the embedding 0.
/// </summary>
public sealed class StaticEncoder : IEncoder
{
    /// <summary>Name of the table.</summary>
    public const string Table = "embedding.weight";

    /// <summary>Name of the tokens' log-weights.</summary>
    public const string TokenWeights = "token_log_weight";

    /// <summary>Name of the log-weights that queries add.</summary>
    public const string QueryWeights = "query_token_log_weight";

    readonly Parameter _table;
    readonly Parameter _weights;
    readonly Parameter? _queryWeights;

    StaticEncoder(Parameter table, Parameter weights, Parameter? queryWeights)
    {
        (_table, _weights, _queryWeights) = (table, weights, queryWeights);
        Parameters = [(Table, table), (TokenWeights, weights), .. queryWeights is null ? [] : new[] { (QueryWeights, queryWeights) }];
    }

    /// <inheritdoc/>
    public string Type => "static";

    /// <inheritdoc/>
    public int Dimensions => (int)_table.shape[1];

    /// <summary>Number of tokens, V.</summary>
    public int VocabularySize => (int)_table.shape[0];

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    public bool Training { get; set; }

    /// <summary>A new encoder: rows from a normal distribution, drawn as PyTorch draws them after <c>manual_seed(seed)</c>.</summary>
    /// <param name="vocabularySize">V.</param>
    /// <param name="options">Its options.</param>
    /// <param name="seed">Seed of the table.</param>
    /// <param name="logWeights">First log-weights, (V); null for 0.</param>
    public static StaticEncoder Create(int vocabularySize, StaticEncoderOptions options, long seed, float[]? logWeights = null)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        random.manual_seed(seed);
        var deviation = options.InitialDeviation ?? 1 / Math.Sqrt(options.Dimensions);
        return new StaticEncoder(
            new Parameter(randn(vocabularySize, options.Dimensions) * deviation),
            new Parameter(logWeights is null ? zeros(vocabularySize) : tensor(logWeights)),
            options.QueryWeights ? new Parameter(zeros(vocabularySize)) : null);
    }

    /// <summary>An encoder with given values.</summary>
    /// <param name="vocabularySize">V.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="table">(V, D), row-major.</param>
    /// <param name="logWeights">(V).</param>
    /// <param name="queryLogWeights">(V), or null for none.</param>
    public static StaticEncoder From(int vocabularySize, int dimensions, float[] table, float[] logWeights, float[]? queryLogWeights)
    {
        using var scope = NewDisposeScope();
        return new StaticEncoder(
            new Parameter(tensor(table, [vocabularySize, dimensions])),
            new Parameter(tensor(logWeights)),
            queryLogWeights is null ? null : new Parameter(tensor(queryLogWeights)));
    }

    /// <inheritdoc/>
    public Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        var ids = tensor(batch.Ids).to(_table.device);
        var offsets = tensor(batch.Offsets).to(_table.device);
        var weights = _weights.index_select(0, ids);
        if (role == TextRole.Query && _queryWeights is not null)
        {
            weights = weights + _queryWeights.index_select(0, ids);
        }

        return embedding_bag(ids, _table, offsets, EmbeddingBagMode.Sum, per_sample_weights: weights.exp()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Parameters)
        {
            value.Dispose();
        }
    }
}
