using TorchSharp;
using TorchSharp.Modules;
using Trainer.Heads;

namespace Trainer.Encoders;

/// <summary>Token ids to embeddings, with the parameters that training changes.</summary>
public interface IEncoder : IDisposable
{
    /// <summary>What it is, as <see cref="ModelConfig.ModelType"/> names it.</summary>
    string Type { get; }

    /// <summary>Whether it reads texts with the tokenizer's special tokens.</summary>
    bool SpecialTokens { get; }

    /// <summary>Numbers it computes with; an encoder without matrix products ignores it.</summary>
    Precision Precision { get; set; }

    /// <summary>Length of the embeddings, D.</summary>
    int Dimensions { get; }

    /// <summary>Parameters by the name they have in <c>model.safetensors</c>, in the optimizer's order.</summary>
    IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>Whether dropout is on; an encoder without dropout ignores it.</summary>
    bool Training { get; set; }

    /// <summary>Embeddings it can give.</summary>
    HeadSet Heads => HeadSet.Dense;

    /// <summary>Whether queries and passages are read alike, so that both can go through in one pass.</summary>
    bool SharedSides => true;

    /// <summary>The embeddings that a loss asks for, of one pass; dense ones (B, D) are not normalised.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="role">Side of retrieval they are on; of no matter where <see cref="SharedSides"/>.</param>
    /// <param name="heads">What to compute, of <see cref="Heads"/>.</param>
    HeadOutputs Outputs(TokenBatch batch, TextRole role, HeadSet heads) => heads == HeadSet.Dense
        ? new HeadOutputs { Dense = Forward(batch, role) }
        : throw new TrainerException($"The loss reads the embeddings {heads}; an encoder of type {Type} gives {Heads}. Train a model with these heads, or take another loss.");

    /// <summary>Encodes a batch for a loss: (B, D), not normalised.</summary>
    torch.Tensor Forward(TokenBatch batch, TextRole role);

    /// <summary>Encodes both sides of a batch for a loss: (Bq, D) and (Bp, D), not normalised; as two calls of <see cref="Forward(TokenBatch, TextRole)"/>, in one pass where the encoder reads both alike.</summary>
    (torch.Tensor Queries, torch.Tensor Passages) Forward(TokenBatch queries, TokenBatch passages) => (Forward(queries, TextRole.Query), Forward(passages, TextRole.Passage));
}
