using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>BERT, XLM-RoBERTa and ModernBERT: token ids (B, L) to hidden states (B, L, D), as Hugging Face's models of these types compute them (without their poolers).</summary>
public sealed class TransformerEncoder : IDisposable
{
    readonly Dictionary<string, Parameter> _parameters;
    readonly TransformerStack _stack;

    TransformerEncoder(TransformerConfig config, Func<string, long[], Tensor> values)
    {
        Config = config;
        var parameters = new List<(string, Parameter)>();
        foreach (var (name, shape) in TransformerTensors.Of(config))
        {
            parameters.Add((name, new Parameter(values(name, shape))));
        }

        Parameters = parameters;
        _parameters = parameters.ToDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);
        _stack = TransformerStack.Over(config, _parameters);
    }

    /// <summary>Its shape and constants.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Parameters by Hugging Face's names without prefix, in the order of its modules.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>Whether dropout is on.</summary>
    /// <value>Default: false.</value>
    public bool Training { get; set; }

    /// <summary>Type of the products of <see cref="Forward(TokenBatch)"/>; hidden states and weights are Float32 in any.</summary>
    /// <value>Default: <see cref="Precision.Fp32"/>.</value>
    public Precision Precision { get; set; }

    /// <summary>Whether the backward pass computes the inner states of each layer again, so that memory holds one tensor (T, D) per layer; costs about a third more time.</summary>
    /// <value>Default: false.</value>
    public bool Checkpointing { get; set; }

    /// <summary>Whether ModernBERT's attention takes texts padded on the CPU, too, as it does elsewhere.</summary>
    internal bool PadsAttention
    {
        set => ((ModernBertStack)_stack).PadsAttention = value;
    }

    /// <summary>Tensors of the files it was loaded from that it does not use (pooler, heads, buffers), by name; empty for a new one.</summary>
    public IReadOnlyList<string> Foreign { get; private init; } = [];

    /// <summary>Loads a Hugging Face folder: <c>config.json</c> and <c>model.safetensors</c>, or shards with their index.</summary>
    /// <exception cref="TrainerException">A file is missing or unsound, or configuration and weights do not fit; the message names file, tensor, found and expected.</exception>
    public static TransformerEncoder Load(FileSet files)
    {
        var config = TransformerConfig.Read(files[ModelFolder.ConfigFile]);
        using var tensors = new PretrainedTensors(files, config);
        using var scope = NewDisposeScope();
        return new TransformerEncoder(config, (name, shape) => tensor(tensors.Read(name), shape)) { Foreign = tensors.Foreign };
    }

    /// <summary>
    /// A new encoder: weights and tables normal with the configuration's deviation, the padding token's row 0, layer norms 1, biases 0. ModernBERT's are cut where its configuration says, and those of
    /// maps back to the hidden states smaller by the root of twice the number of layers.
    /// </summary>
    /// <param name="config">Its shape.</param>
    /// <param name="seed">Seed of the draws, which are made in the order of <see cref="Parameters"/>.</param>
    /// <exception cref="TrainerException">The configuration contradicts itself.</exception>
    public static TransformerEncoder Create(TransformerConfig config, long seed)
    {
        config.Validate("The configuration");
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        random.manual_seed(seed);
        return new TransformerEncoder(config, (name, shape) =>
        {
            if (shape.Length == 1)
            {
                return name.EndsWith("orm.weight", StringComparison.Ordinal) ? ones(shape) : zeros(shape);
            }

            var values = config.Modern is { } modern
                ? ModernBertStack.Cut(randn(shape), modern.InitializerCutoff) * (name.EndsWith("Wo.weight", StringComparison.Ordinal) ? config.InitializerRange / Math.Sqrt(2.0 * config.Layers) : config.InitializerRange)
                : randn(shape) * config.InitializerRange;
            if (name == TransformerTensors.TokenTable(config))
            {
                values.select(0, config.PadTokenId).zero_();
            }

            return values;
        });
    }

    /// <summary>Where its parameters are.</summary>
    Device Device => _parameters[TransformerTensors.TokenTable(Config)].device;

    /// <summary>Checks that a tokenizer's ids are all in the token table; a table with rows to spare passes.</summary>
    /// <param name="tokenizerSize">Entries of the tokenizer.</param>
    /// <param name="label">What messages call the tokenizer.</param>
    /// <exception cref="TrainerException">The tokenizer has more entries than the table rows.</exception>
    public void RequireVocabulary(int tokenizerSize, string label)
    {
        if (tokenizerSize > Config.VocabularySize)
        {
            throw new TrainerException($"{label}: the tokenizer has {tokenizerSize} entries, the token table {Config.VocabularySize} rows (vocab_size); expected the tokenizer the model was trained with.");
        }
    }

    /// <summary>
    /// Hidden states of the last layer for texts end to end, (T, D) of Float32: what heads read. Nothing is computed for padding; only attention on devices other than the CPU sees texts padded
    /// to the batch's longest.
    /// </summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id is outside the vocabulary.</exception>
    /// <exception cref="ArgumentException">The batch is empty, or a text has no token.</exception>
    public TokenStates Forward(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var packed = PackedBatch.From(batch, Config);
        var x = _stack.Packed(packed, Device, new StackMode(Training, Precision, Checkpointing));
        return new TokenStates(x.MoveToOuterDisposeScope(), batch);
    }

    /// <summary>As <see cref="Forward(TokenBatch)"/>, and the hidden states that the last layer reads, (T, D) of Float32, with their gradient: for what looks at that layer's attention.</summary>
    /// <exception cref="TrainerException">As of <see cref="Forward(TokenBatch)"/>, or the encoder is neither BERT nor XLM-RoBERTa.</exception>
    public (TokenStates States, TokenStates LastInput) ForwardWithLastInput(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var kept = new List<Tensor>();
        var x = _stack.Packed(PackedBatch.From(batch, Config), Device, new StackMode(Training, Precision, Checkpointing, kept));
        return kept.Count == 1
            ? (new TokenStates(x.MoveToOuterDisposeScope(), batch), new TokenStates(kept[0].to(float32).MoveToOuterDisposeScope(), batch))
            : throw new TrainerException($"The last layer's input of a model of type {Config.ModelType} is not told; expected {TransformerConfig.Bert} or {TransformerConfig.XlmRoberta}.");
    }

    /// <summary>Hidden states of the last layer, (B, L, D).</summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id is outside the vocabulary.</exception>
    public Tensor Forward(PaddedBatch batch)
    {
        if (batch.Ids.FirstOrDefault(id => id < 0 || id >= Config.VocabularySize) is var stray and not 0)
        {
            throw new TrainerException($"A batch holds the token id {stray}; the model has {Config.VocabularySize} tokens (vocab_size). Tokenise with the model's own tokenizer.");
        }

        if (batch.Types?.FirstOrDefault(type => type < 0 || type >= Config.TokenTypes) is { } other and not 0)
        {
            throw new TrainerException($"A batch holds the token type {other}; the model has {Config.TokenTypes} of them (type_vocab_size), counted from 0.");
        }

        using var scope = NewDisposeScope();
        var (ids, mask) = batch.ToTensors(Device);
        var types = batch.Types is null ? null : tensor(batch.Types, [batch.Count, batch.Width]).to(Device);
        return Forward(ids, batch.Lengths.All(n => n == batch.Width) ? null : mask, types).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states of the last layer, (B, L, D).</summary>
    /// <param name="ids">Token ids, (B, L) of Int64.</param>
    /// <param name="mask">(B, L), not 0 at tokens and 0 at padding, with a token in every row; null where nothing is padded.</param>
    /// <param name="types">Token types, (B, L) of Int64; null for 0 everywhere. ModernBERT has none.</param>
    /// <exception cref="TrainerException">L is above <see cref="TransformerConfig.MaxLength"/>.</exception>
    public Tensor Forward(Tensor ids, Tensor? mask, Tensor? types = null)
    {
        RequireLength(ids);
        return _stack.Padded(ids, mask, types, Training, states: null);
    }

    /// <summary>
    /// Hidden states behind the embeddings and behind every layer, each (B, L, D); parameters as of <see cref="Forward(Tensor, Tensor?, Tensor?)"/>. ModernBERT's last norm is not among them,
    /// as Hugging Face gives them.
    /// </summary>
    public IReadOnlyList<Tensor> States(Tensor ids, Tensor? mask, Tensor? types = null)
    {
        RequireLength(ids);
        var states = new List<Tensor>();
        _stack.Padded(ids, mask, types, Training, states).Dispose();
        return states;
    }

    /// <summary>
    /// Position of each token, (B, L) for ids (B, L). BERT and ModernBERT: 0, 1, 2, ... in every row, as (1, L). XLM-RoBERTa: the tokens that are not the padding token are counted from
    /// its id plus one; a padding token, even inside a text, has its own id as position. The ids decide, not the mask.
    /// </summary>
    public Tensor PositionIds(Tensor ids) => PositionIds(Config, ids);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Parameters)
        {
            value.Dispose();
        }
    }

    internal static Tensor PositionIds(TransformerConfig config, Tensor ids)
    {
        using var scope = NewDisposeScope();
        if (config.ModelType != TransformerConfig.XlmRoberta)
        {
            return arange(ids.shape[1], device: ids.device).unsqueeze(0).MoveToOuterDisposeScope();
        }

        var real = ids.ne(config.PadTokenId).to(int64);
        return ((real.cumsum(1) * real) + config.PadTokenId).MoveToOuterDisposeScope();
    }

    void RequireLength(Tensor ids)
    {
        if (ids.shape[1] > Config.MaxLength)
        {
            throw new TrainerException($"A text has {ids.shape[1]} tokens; the model has positions for {Config.MaxLength}. Truncate to that, special tokens included.");
        }
    }
}
