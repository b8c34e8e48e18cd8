namespace Trainer.Training.Guides;

/// <summary>What is asked of a guide before the first step.</summary>
static class GuideCheck
{
    /// <summary>Refuses the student as its own guide unless the job says so.</summary>
    /// <param name="guide">Digest of the guide.</param>
    /// <param name="student">Digest of the model that training starts from; null for a new one.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="TrainerException">They are one and the same.</exception>
    public static void RequireAnother(string guide, string? student, GuideOptions options)
    {
        if (guide == student && !options.SelfGuide)
        {
            throw new TrainerException(
                $"The guide and the model that training starts from are the same (model {guide[..12]}): such a guide masks what the model already takes for alike, right or wrong. " +
                "Take another guide, or say self_guide: true if this is meant.");
        }
    }

    /// <summary>The texts of a training set.</summary>
    /// <exception cref="TrainerException">They were not kept.</exception>
    public static (IReadOnlyList<string> Queries, IReadOnlyList<string> Passages) Texts(TrainingSet set) => set is { QueryTexts: { } queries, PassageTexts: { } passages }
        ? (queries, passages)
        : throw new TrainerException(
            "A guide reads the source texts, and this training set has token ids alone (a packed set, or one that was read without its texts): ids of one tokenizer are not decoded for another. " +
            "Train from shards, or leave the guide out.");
}
