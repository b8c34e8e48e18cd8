namespace Trainer.Training.Caching;

/// <summary>How near cached gradients are to those of one graph, over all parameters.</summary>
/// <param name="Difference">Length of the difference over the length of the gradient of one graph.</param>
/// <param name="Cosine">Cosine of the two.</param>
/// <param name="Loss">Relative difference of the losses.</param>
public sealed record GradCacheAgreement(double Difference, double Cosine, double Loss);
