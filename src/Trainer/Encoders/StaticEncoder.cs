using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Encoders;

/// <summary>
/// A text's embedding is the weighted sum of its tokens' rows, Σ_t exp(w_t) · E_t, with a table E (V, D) and one log-weight w (V) per token, both learned.
/// Scaled to length one it equals the weighted mean, so no mean is taken. Queries may have log-weights u of their own, exp(w_t + u_t), or a table and weights of their own.
/// A text without a token has the embedding 0.
/// </summary>
public sealed class StaticEncoder : IEncoder
{
    /// <summary>Its type's name.</summary>
    public const string TypeName = "static";

    /// <summary>Name of the table.</summary>
    public const string Table = "embedding.weight";

    /// <summary>Name of the tokens' log-weights.</summary>
    public const string TokenWeights = "token_log_weight";

    /// <summary>Name of the queries' own table.</summary>
    public const string QueryTable = "query_embedding.weight";

    /// <summary>Name of the queries' own log-weights.</summary>
    public const string QueryWeights = "query_token_log_weight";

    readonly Parameter _table;
    readonly Parameter _weights;
    readonly Parameter? _queryTable;
    readonly Parameter? _queryWeights;

    StaticEncoder(Parameter table, Parameter weights, Parameter? queryTable, Parameter? queryWeights)
    {
        (_table, _weights, _queryTable, _queryWeights) = (table, weights, queryTable, queryWeights);
        Parameters = [.. new (string, Parameter?)[] { (Table, table), (TokenWeights, weights), (QueryTable, queryTable), (QueryWeights, queryWeights) }
            .Where(p => p.Item2 is not null).Select(p => (p.Item1, p.Item2!))];
    }

    /// <inheritdoc/>
    public string Type => TypeName;

    /// <inheritdoc/>
    public bool SpecialTokens => false;

    /// <inheritdoc/>
    public Precision Precision { get; set; }

    /// <inheritdoc/>
    public int Dimensions => (int)_table.shape[1];

    /// <inheritdoc/>
    public bool SharedSides => _queryWeights is null;

    /// <summary>Number of tokens, V.</summary>
    public int VocabularySize => (int)_table.shape[0];

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    public bool Training { get; set; }

    /// <summary>A new encoder.</summary>
    /// <param name="vocabularySize">V.</param>
    /// <param name="options">Its options.</param>
    /// <param name="seed">Seed of the table. Init normal draws as PyTorch draws after <c>manual_seed(seed)</c>.</param>
    /// <param name="pieces">The tokens, (V), which init ngram needs; without them the table is normal.</param>
    /// <param name="logWeights">First log-weights, (V); null for 0.</param>
    public static StaticEncoder Create(int vocabularySize, StaticEncoderOptions options, long seed, IReadOnlyList<string?>? pieces = null, float[]? logWeights = null)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var deviation = options.InitialDeviation ?? 1 / Math.Sqrt(options.Dimensions);
        random.manual_seed(seed);
        var table = options.Init == TableInit.Ngram && pieces is not null
            ? tensor(NgramTable.Create(pieces, options.Dimensions, deviation, seed), [vocabularySize, options.Dimensions])
            : randn(vocabularySize, options.Dimensions) * deviation;
        var weights = logWeights is null ? zeros(vocabularySize) : tensor(logWeights);
        var queryTable = options.QuerySide == QuerySide.Table ? new Parameter(table.clone()) : null;
        var queryWeights = options.QuerySide switch
        {
            QuerySide.Table => new Parameter(weights.clone()),
            QuerySide.Weights => new Parameter(zeros(vocabularySize)),
            _ => null,
        };
        return new StaticEncoder(new Parameter(table), new Parameter(weights), queryTable, queryWeights);
    }

    /// <summary>An encoder with given values.</summary>
    /// <param name="vocabularySize">V.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="side">What queries have of their own.</param>
    /// <param name="read">Values of a parameter, row-major, by its name and shape.</param>
    public static StaticEncoder From(int vocabularySize, int dimensions, QuerySide side, Func<string, long[], float[]> read)
    {
        using var scope = NewDisposeScope();
        return new StaticEncoder(
            Read(Table, vocabularySize, dimensions), Read(TokenWeights, vocabularySize),
            side == QuerySide.Table ? Read(QueryTable, vocabularySize, dimensions) : null,
            side == QuerySide.Shared ? null : Read(QueryWeights, vocabularySize));

        Parameter Read(string name, params long[] shape) => new(tensor(read(name, shape), shape));
    }

    /// <inheritdoc/>
    public Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        var ids = tensor(batch.Ids).OnDevice(_table.device);
        var offsets = tensor(batch.Offsets).OnDevice(_table.device);
        var (table, weights) = role == TextRole.Query && _queryTable is not null
            ? (_queryTable, _queryWeights!.index_select(0, ids))
            : (_table, _weights.index_select(0, ids));
        if (role == TextRole.Query && _queryTable is null && _queryWeights is not null)
        {
            weights = weights + _queryWeights.index_select(0, ids);
        }

        return embedding_bag(ids, table, offsets, EmbeddingBagMode.Sum, per_sample_weights: weights.exp()).MoveToOuterDisposeScope();
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
