namespace Trainer.Losses;

/// <summary>What a teacher's column of a row means.</summary>
public enum TeacherForm
{
    /// <summary>Scores of the candidates, the positive's in column 0.</summary>
    Scores,

    /// <summary>By how much the positive's score exceeds each candidate's; column 0 is not read.</summary>
    Margins,
}
