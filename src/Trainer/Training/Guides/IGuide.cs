using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Training.Guides;

/// <summary>A frozen model's embeddings of the training set's texts.</summary>
public interface IGuide : IDisposable
{
    /// <summary>Digest of the model.</summary>
    string Digest { get; }

    /// <summary>Length of the embeddings, Dg.</summary>
    int Dimensions { get; }

    /// <summary>Embeddings of texts, (n, Dg) of Float32, without graph and dropout; the bits depend on the texts asked for and on nothing before.</summary>
    /// <param name="role">Queries or passages.</param>
    /// <param name="texts">Indices into the training set's texts of that role.</param>
    Tensor Embed(TextRole role, ReadOnlySpan<int> texts);
}
