using static TorchSharp.torch;

namespace Trainer.Training.Watching;

/// <summary>The training's loss on a batch of held-out pairs.</summary>
/// <param name="queries">(B, D), as the encoder gives them.</param>
/// <param name="positives">(B, D): row r is the positive of query r.</param>
/// <param name="excluded">(B, B) of Bool: candidates that are no negatives of a query; never true at (r, r).</param>
/// <returns>The mean loss of a row.</returns>
public delegate double HeldOutLoss(Tensor queries, Tensor positives, Tensor excluded);
