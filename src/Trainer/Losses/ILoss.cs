using TorchSharp;

namespace Trainer.Losses;

/// <summary>A loss over a batch of embeddings. It knows nothing of encoders, caching or devices.</summary>
public interface ILoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="queries">Query embeddings, (B, D); normalised or not, as the encoder gives them.</param>
    /// <param name="passages">Candidate embeddings, (C, D): row r is the positive of query r for r below B, hard negatives follow.</param>
    /// <param name="excluded">Candidates that are no negatives of a query, (B, C) of Bool, never true at (r, r); null for none.</param>
    /// <returns>A scalar that has a gradient where the embeddings have one.</returns>
    torch.Tensor Compute(torch.Tensor queries, torch.Tensor passages, torch.Tensor? excluded);
}
