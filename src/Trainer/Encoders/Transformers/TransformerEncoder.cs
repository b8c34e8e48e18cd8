using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Encoders.Transformers;

/// <summary>BERT and XLM-RoBERTa: token ids (B, L) to hidden states (B, L, D), as Hugging Face's models of these types compute them (without their poolers).</summary>
public sealed class TransformerEncoder : IDisposable
{
    readonly Dictionary<string, Parameter> _parameters;
    readonly TransformerLayer[] _layers;
    readonly bool _fits;

    TransformerEncoder(TransformerConfig config, Func<string, long[], Tensor> values)
    {
        Config = config;
        var parameters = new List<(string, Parameter)>();
        foreach (var (name, shape) in TransformerTensors.Of(config))
        {
            parameters.Add((name, new Parameter(values(name, shape))));
        }

        Parameters = parameters;
        _fits = FusedTransformer.Fits(config.HiddenSize, config.IntermediateSize, config.Heads);
        _parameters = parameters.ToDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new TransformerLayer(config, TransformerTensors.Layer(i), _parameters))];
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

    /// <summary>A new encoder: weights and tables normal with the configuration's deviation, the padding token's row 0, layer norms 1, biases 0.</summary>
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
                return name.EndsWith("LayerNorm.weight", StringComparison.Ordinal) ? ones(shape) : zeros(shape);
            }

            var values = randn(shape) * config.InitializerRange;
            if (name == TransformerTensors.Tokens)
            {
                values.select(0, config.PadTokenId).zero_();
            }

            return values;
        });
    }

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
        var device = _parameters[TransformerTensors.Tokens].device;
        var fused = device.type == DeviceType.CPU && _fits;
        var x = fused ? Fused(packed) : Generic(packed, device);
        return new TokenStates(x.MoveToOuterDisposeScope(), batch);
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
        var device = _parameters[TransformerTensors.Tokens].device;
        var (ids, mask) = batch.ToTensors(device);
        var types = batch.Types is null ? null : tensor(batch.Types, [batch.Count, batch.Width]).to(device);
        return Forward(ids, batch.Lengths.All(n => n == batch.Width) ? null : mask, types).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states of the last layer, (B, L, D).</summary>
    /// <param name="ids">Token ids, (B, L) of Int64.</param>
    /// <param name="mask">(B, L), not 0 at tokens and 0 at padding, with a token in every row; null where nothing is padded.</param>
    /// <param name="types">Token types, (B, L) of Int64; null for 0 everywhere.</param>
    /// <exception cref="TrainerException">L is above <see cref="TransformerConfig.MaxLength"/>.</exception>
    public Tensor Forward(Tensor ids, Tensor? mask, Tensor? types = null)
    {
        using var scope = NewDisposeScope();
        var x = EmbedPadded(ids, types);
        var visible = Visible(mask);
        foreach (var layer in _layers)
        {
            var next = layer.Forward(x, visible, Training);
            x.Dispose();
            x = next;
        }

        return x.MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states behind the embeddings and behind every layer, each (B, L, D); parameters as of <see cref="Forward(Tensor, Tensor?, Tensor?)"/>.</summary>
    public IReadOnlyList<Tensor> States(Tensor ids, Tensor? mask, Tensor? types = null)
    {
        using var scope = NewDisposeScope();
        var states = new List<Tensor> { EmbedPadded(ids, types) };
        var visible = Visible(mask);
        foreach (var layer in _layers)
        {
            states.Add(layer.Forward(states[^1], visible, Training));
        }

        return [.. states.Select(s => s.MoveToOuterDisposeScope())];
    }

    /// <summary>
    /// Position of each token, (B, L) for ids (B, L). BERT: 0, 1, 2, ... in every row, as (1, L). XLM-RoBERTa: the tokens that are not the padding token are counted from
    /// its id plus one; a padding token, even inside a text, has its own id as position. The ids decide, not the mask.
    /// </summary>
    public Tensor PositionIds(Tensor ids)
    {
        using var scope = NewDisposeScope();
        if (Config.ModelType == TransformerConfig.Bert)
        {
            return arange(ids.shape[1], device: ids.device).unsqueeze(0).MoveToOuterDisposeScope();
        }

        var real = ids.ne(Config.PadTokenId).to(int64);
        return ((real.cumsum(1) * real) + Config.PadTokenId).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, value) in Parameters)
        {
            value.Dispose();
        }
    }

    Tensor Fused(PackedBatch batch)
    {
        var xlm = Config.ModelType == TransformerConfig.XlmRoberta;
        var x = FusedTransformer.Embed(
            _parameters[TransformerTensors.Tokens], _parameters[TransformerTensors.Positions], _parameters[TransformerTensors.Types], _parameters[TransformerTensors.Norm + ".weight"],
            _parameters[TransformerTensors.Norm + ".bias"], batch.Ids, batch.Positions, batch.Types, Config.LayerNormEpsilon, Training ? Config.HiddenDropout : 0, Config.PadTokenId,
            xlm ? Config.PadTokenId : -1);
        foreach (var layer in _layers)
        {
            var next = layer.Fused(x, batch.Starts, Training, Precision == Precision.Bf16, Checkpointing);
            x.Dispose();
            x = next;
        }

        return x;
    }

    Tensor Generic(PackedBatch batch, Device device)
    {
        var (training, precision) = (Training, Precision);
        var x = Embed(tensor(batch.Ids).OnDevice(device), tensor(batch.Positions).OnDevice(device), batch.Types is null ? null : tensor(batch.Types).OnDevice(device));
        var padding = Checkpointing ? null : batch.Padding(device);
        foreach (var layer in _layers)
        {
            // Nothing made here may be needed when the backward pass comes to it: the indices are made again with the rest.
            var next = Checkpointing ? Recompute.Run(h => Next(h, batch.Padding(device)), x, layer.Tensors) : Next(x, padding);
            x.Dispose();
            x = next;

            Tensor Next(Tensor h, (Tensor Rows, Tensor Places, Tensor Visible)? shown)
            {
                using var shorter = precision == Precision.Bf16 ? new Autocast(device.type) : null;
                return layer.Packed(h, batch.Count, shown, training);
            }
        }

        return x.to(float32);
    }

    // true keeps; (B, 1, 1, L) is spread over heads and queries.
    static Tensor? Visible(Tensor? mask) => mask?.ne(0).unsqueeze(1).unsqueeze(1);

    // Ids, positions and types of one shape (..., L) or spread over it -> (..., L, D)
    Tensor Embed(Tensor ids, Tensor positions, Tensor? types)
    {
        using var scope = NewDisposeScope();
        var table = _parameters[TransformerTensors.Types];
        var type = types is null ? table.select(0, 0) : F.embedding(types, table);
        var xlm = Config.ModelType == TransformerConfig.XlmRoberta;
        var x = F.embedding(ids, _parameters[TransformerTensors.Tokens], Config.PadTokenId) + type;
        x += F.embedding(positions, _parameters[TransformerTensors.Positions], xlm ? Config.PadTokenId : -1);
        x = F.layer_norm(
            x, [Config.HiddenSize], _parameters[TransformerTensors.Norm + ".weight"], _parameters[TransformerTensors.Norm + ".bias"], Config.LayerNormEpsilon);
        return (Training && Config.HiddenDropout > 0 ? F.dropout(x, Config.HiddenDropout) : x).MoveToOuterDisposeScope();
    }

    Tensor EmbedPadded(Tensor ids, Tensor? types) => ids.shape[1] <= Config.MaxLength
        ? Embed(ids, PositionIds(ids), types)
        : throw new TrainerException($"A text has {ids.shape[1]} tokens; the model has positions for {Config.MaxLength}. Truncate to that, special tokens included.");
}
