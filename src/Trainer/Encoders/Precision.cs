namespace Trainer.Encoders;

/// <summary>Type in which an encoder multiplies matrices. Weights, gradients, layer norms, softmax and losses are float32 in both.</summary>
public enum Precision
{
    /// <summary>32-bit floats.</summary>
    Fp32,

    /// <summary>bfloat16 factors with float32 sums: about twice as fast where the processor has them. Embeddings differ in the third digit.</summary>
    Bf16,
}
