namespace TorchSharp;

/// <summary>What a bag's rows become; the numbers are libtorch's.</summary>
public enum EmbeddingBagMode
{
    Sum = 0,
    Mean = 1,
    Max = 2,
}
