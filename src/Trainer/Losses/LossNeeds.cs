namespace Trainer.Losses;

/// <summary>What a loss reads beside embeddings.</summary>
[Flags]
public enum LossNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Each query's own candidates, <see cref="LossInputs.Own"/>.</summary>
    OwnCandidates = 1,

    /// <summary>A teacher's scores of them, <see cref="LossInputs.TeacherScores"/>.</summary>
    TeacherScores = 2,

    /// <summary>A guide's embeddings.</summary>
    Guide = 4,
}
