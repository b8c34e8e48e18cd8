using Trainer.Losses;

namespace Trainer.Tests.Losses;

/// <summary>The contract of <see cref="MarginMse"/>.</summary>
public sealed class MarginMseContract : ScoreLossContract
{
    protected override IReadOnlyList<IScoreLoss> Forms => [new MarginMse(), new MarginMse(TeacherForm.Margins)];
}
