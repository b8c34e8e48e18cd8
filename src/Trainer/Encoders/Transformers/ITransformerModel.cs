using Trainer.Heads;

namespace Trainer.Encoders.Transformers;

/// <summary>An encoder that is a transformer with heads behind it.</summary>
public interface ITransformerModel : IEncoder
{
    /// <summary>Ids to hidden states.</summary>
    TransformerEncoder Transformer { get; }

    /// <summary>How hidden states become one vector.</summary>
    PoolingMode Pooling { get; }

    /// <summary>Behind the pooling; null for none.</summary>
    Projection? Projection { get; }
}
