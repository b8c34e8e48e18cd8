using TorchSharp;
using TorchSharp.Modules;
using Trainer.Encoders;

namespace TrainerApp;

/// <summary>An encoder whose matrix products run in bfloat16; what it gives is Float32 again, as losses want it.</summary>
/// <param name="inner">The encoder; disposed with this.</param>
sealed class AutocastEncoder(IEncoder inner) : IEncoder
{
    public string Type => inner.Type;

    public int Dimensions => inner.Dimensions;

    public IReadOnlyList<(string Name, Parameter Value)> Parameters => inner.Parameters;

    public bool Training
    {
        get => inner.Training;
        set => inner.Training = value;
    }

    public torch.Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = torch.NewDisposeScope();
        using var cast = new Autocast(inner.Parameters[0].Value.device_type);
        return inner.Forward(batch, role).to(torch.float32).MoveToOuterDisposeScope();
    }

    public void Dispose() => inner.Dispose();
}
