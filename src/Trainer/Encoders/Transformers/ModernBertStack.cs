using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Encoders.Transformers;

/// <summary>
/// ModernBERT, after the published modeling_modernbert of Transformers. On the CPU attention takes texts one by one, and with a window only what it shows, so that neither padding nor what is out of
/// sight is computed; on other devices it takes them padded to the batch's longest, with a mask.
/// </summary>
sealed class ModernBertStack : TransformerStack
{
    readonly TransformerConfig _config;
    readonly ModernBertShape _shape;
    readonly Parameter _tokens;
    readonly (Parameter Weight, Parameter? Bias) _norm, _finalNorm;
    readonly ModernBertLayer[] _layers;

    public ModernBertStack(TransformerConfig config, ModernBertShape shape, IReadOnlyDictionary<string, Parameter> parameters)
    {
        (_config, _shape, _tokens) = (config, shape, parameters[ModernBertTensors.Tokens]);
        (_norm, _finalNorm) = (Norm(ModernBertTensors.Norm), Norm(ModernBertTensors.FinalNorm));
        _layers = [.. Enumerable.Range(0, config.Layers).Select(i => new ModernBertLayer(config, shape, i, parameters))];

        (Parameter, Parameter?) Norm(string name) => (parameters[name + ".weight"], parameters.GetValueOrDefault(name + ".bias"));
    }

    /// <summary>Whether attention takes texts padded on the CPU, too.</summary>
    internal bool PadsAttention { get; set; }

    /// <summary>Draws those values again that are further from 0 than the cutoff, until none is.</summary>
    public static Tensor Cut(Tensor values, double cutoff)
    {
        using var scope = NewDisposeScope();
        for (var far = values.abs().gt(cutoff); far.any().ToBoolean(); far = values.abs().gt(cutoff))
        {
            values = where(far, randn(values.shape), values);
        }

        return values.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Packed(PackedBatch batch, Device device, StackMode mode)
    {
        var x = Embed(tensor(batch.Ids).OnDevice(device), mode.Training);
        var sights = mode.Checkpointing ? null : new[] { false, true }.Where(global => _layers.Any(l => l.IsGlobal == global)).ToDictionary(global => global, global => Sight(batch, global, device));
        foreach (var layer in _layers)
        {
            // Nothing made here may be needed when the backward pass comes to it: positions and masks are made again with the rest.
            var next = sights is null ? Recompute.Run(h => Next(h, Sight(batch, layer.IsGlobal, device)), x, layer.Tensors) : Next(x, sights[layer.IsGlobal]);
            x.Dispose();
            x = next;

            Tensor Next(Tensor h, ModernBertSight sight)
            {
                using var shorter = mode.Precision == Precision.Bf16 ? new Autocast(device.type) : null;
                return layer.Forward(h, sight, batch.Count, mode.Training);
            }
        }

        return ModernBertLayer.Norm(_config, _finalNorm, x.to(float32));
    }

    /// <inheritdoc/>
    public override Tensor Padded(Tensor ids, Tensor? mask, Tensor? types, bool training, ICollection<Tensor>? states)
    {
        using var scope = NewDisposeScope();
        var x = Embed(ids, training);
        states?.Add(x.alias().MoveToOuterDisposeScope());
        var tokens = mask?.ne(0).unsqueeze(1).unsqueeze(1);
        var sights = new[] { false, true }.ToDictionary(global => global, global => Sight(ids, tokens, global));
        foreach (var layer in _layers)
        {
            var next = layer.Forward(x, sights[layer.IsGlobal], ids.shape[0], training);
            x.Dispose();
            x = next;
            states?.Add(x.alias().MoveToOuterDisposeScope());
        }

        return ModernBertLayer.Norm(_config, _finalNorm, x).MoveToOuterDisposeScope();
    }

    ModernBertSight Sight(PackedBatch batch, bool global, Device device)
    {
        var (cos, sin) = Turn(tensor(batch.Positions).OnDevice(device), global);
        var sight = new ModernBertSight(cos, sin, Reach(global));
        if (device.type == DeviceType.CPU && !PadsAttention)
        {
            return sight with { Runs = ModernBertSight.RunsOf(batch.Starts) };
        }

        return batch.Padding(device) is { } padding
            ? sight with { Visible = ModernBertSight.Mask(padding.Visible, batch.Width, sight.Reach, device), Padding = (padding.Rows, padding.Places) }
            : sight with { Visible = ModernBertSight.Mask(null, batch.Width, sight.Reach, device) };
    }

    ModernBertSight Sight(Tensor ids, Tensor? tokens, bool global)
    {
        var (cos, sin) = Turn(TransformerEncoder.PositionIds(_config, ids), global);
        return new ModernBertSight(cos, sin, Reach(global)) { Visible = ModernBertSight.Mask(tokens, ids.shape[1], Reach(global), ids.device) };
    }

    long? Reach(bool global) => global ? null : _shape.Reach;

    (Tensor Cos, Tensor Sin) Turn(Tensor positions, bool global) => ModernBertSight.Turn(positions, global ? _shape.GlobalTheta : _shape.LocalTheta, _config.HiddenSize / _config.Heads);

    Tensor Embed(Tensor ids, bool training)
    {
        using var scope = NewDisposeScope();
        var x = ModernBertLayer.Norm(_config, _norm, F.embedding(ids, _tokens, _config.PadTokenId));
        return (training && _config.HiddenDropout > 0 ? F.dropout(x, _config.HiddenDropout) : x).MoveToOuterDisposeScope();
    }
}
