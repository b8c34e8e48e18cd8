using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Encoders.Transformers;

/// <summary>BERT and XLM-RoBERTa.</summary>
sealed class BertStack : TransformerStack
{
    readonly TransformerConfig _config;
    readonly IReadOnlyDictionary<string, Parameter> _parameters;
    readonly TransformerLayer[] _layers;
    readonly bool _fits;

    public BertStack(TransformerConfig config, IReadOnlyDictionary<string, Parameter> parameters)
    {
        (_config, _parameters) = (config, parameters);
        _fits = FusedTransformer.Fits(config.HiddenSize, config.IntermediateSize, config.Heads);
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new TransformerLayer(config, TransformerTensors.Layer(i), parameters))];
    }

    bool Xlm => _config.ModelType == TransformerConfig.XlmRoberta;

    /// <inheritdoc/>
    public override Tensor Packed(PackedBatch batch, Device device, StackMode mode) => device.type == DeviceType.CPU && _fits ? Fused(batch, mode) : Generic(batch, device, mode);

    /// <inheritdoc/>
    public override Tensor Padded(Tensor ids, Tensor? mask, Tensor? types, bool training, ICollection<Tensor>? states)
    {
        using var scope = NewDisposeScope();
        var x = Embed(ids, TransformerEncoder.PositionIds(_config, ids), types, training);

        // true keeps; (B, 1, 1, L) is spread over heads and queries.
        var visible = mask?.ne(0).unsqueeze(1).unsqueeze(1);
        states?.Add(x.alias().MoveToOuterDisposeScope());
        foreach (var layer in _layers)
        {
            var next = layer.Forward(x, visible, training);
            x.Dispose();
            x = next;
            states?.Add(x.alias().MoveToOuterDisposeScope());
        }

        return x.MoveToOuterDisposeScope();
    }

    Tensor Fused(PackedBatch batch, StackMode mode)
    {
        var x = FusedTransformer.Embed(
            _parameters[TransformerTensors.Tokens], _parameters[TransformerTensors.Positions], _parameters[TransformerTensors.Types], _parameters[TransformerTensors.Norm + ".weight"],
            _parameters[TransformerTensors.Norm + ".bias"], batch.Ids, batch.Positions, batch.Types, _config.LayerNormEpsilon, mode.Training ? _config.HiddenDropout : 0, _config.PadTokenId,
            Xlm ? _config.PadTokenId : -1);
        foreach (var layer in _layers)
        {
            Keep(x, layer, mode);
            var next = layer.Fused(x, batch.Starts, mode.Training, mode.Precision == Precision.Bf16, mode.Checkpointing);
            x.Dispose();
            x = next;
        }

        return x;
    }

    Tensor Generic(PackedBatch batch, Device device, StackMode mode)
    {
        var x = Embed(tensor(batch.Ids).OnDevice(device), tensor(batch.Positions).OnDevice(device), batch.Types is null ? null : tensor(batch.Types).OnDevice(device), mode.Training);
        var padding = mode.Checkpointing ? null : batch.Padding(device);
        foreach (var layer in _layers)
        {
            Keep(x, layer, mode);

            // Nothing made here may be needed when the backward pass comes to it: the indices are made again with the rest.
            var next = mode.Checkpointing ? Recompute.Run(h => Next(h, batch.Padding(device)), x, layer.Tensors) : Next(x, padding);
            x.Dispose();
            x = next;

            Tensor Next(Tensor h, (Tensor Rows, Tensor Places, Tensor Visible)? shown)
            {
                using var shorter = mode.Precision == Precision.Bf16 ? new Autocast(device.type) : null;
                return layer.Packed(h, batch.Count, shown, mode.Training);
            }
        }

        return x.to(float32);
    }

    void Keep(Tensor x, TransformerLayer layer, StackMode mode)
    {
        if (ReferenceEquals(layer, _layers[^1]))
        {
            mode.LastInput?.Add(x.alias());
        }
    }

    // Ids, positions and types of one shape (..., L) or spread over it -> (..., L, D)
    Tensor Embed(Tensor ids, Tensor positions, Tensor? types, bool training)
    {
        using var scope = NewDisposeScope();
        var table = _parameters[TransformerTensors.Types];
        var type = types is null ? table.select(0, 0) : F.embedding(types, table);
        var x = F.embedding(ids, _parameters[TransformerTensors.Tokens], _config.PadTokenId) + type;
        x += F.embedding(positions, _parameters[TransformerTensors.Positions], Xlm ? _config.PadTokenId : -1);
        x = F.layer_norm(
            x, [_config.HiddenSize], _parameters[TransformerTensors.Norm + ".weight"], _parameters[TransformerTensors.Norm + ".bias"], _config.LayerNormEpsilon);
        return (training && _config.HiddenDropout > 0 ? F.dropout(x, _config.HiddenDropout) : x).MoveToOuterDisposeScope();
    }
}
