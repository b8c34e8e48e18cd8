using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>Makes vectors comparable.</summary>
static class Similarities
{
    /// <summary>Vectors whose inner products are the similarity.</summary>
    public static Tensor Ready(this Similarity similarity, Tensor vectors) => similarity == Similarity.Cos ? normalize(vectors) : vectors;
}
