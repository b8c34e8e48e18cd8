using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="Gist"/>.</summary>
public sealed class GistContract : LossContract
{
    protected override IReadOnlyList<ILoss> Forms =>
    [
        new Gist(0.05),
        new Gist(0.05) { Margin = 0.1 },
        new Gist(0.05) { Margin = 0.05, MarginKind = MarginKind.Relative, ContrastAnchors = false },
        new Gist(0.05) { Margin = -0.1, SelfGuide = true, ContrastPositives = false },
    ];
}
