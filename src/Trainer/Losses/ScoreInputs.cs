using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Scores as a loss sees them: those of some rows, and what is known of all rows of the batch.</summary>
public sealed record ScoreInputs
{
    /// <summary>Scores of the rows' own candidates, (R, G), the positive's in column 0; any number where there is no candidate.</summary>
    public required Tensor Scores { get; init; }

    /// <summary>The same by a second pass with other dropout, for losses that ask for it (<see cref="IScoreLoss.Passes"/>); else null.</summary>
    public Tensor? ScoresAgain { get; init; }

    /// <summary>Rows of the whole batch, B.</summary>
    public required int Count { get; init; }

    /// <summary>Places of the whole batch without a candidate, (B, G) of Bool; null where all have one. Column 0 always has one.</summary>
    public Tensor? Absent { get; init; }

    /// <summary>A teacher's scores of the whole batch, (B, G); no number where there is none. Null without a teacher.</summary>
    public Tensor? Teacher { get; init; }

    /// <summary>A whole batch.</summary>
    /// <param name="scores">(B, G).</param>
    /// <param name="absent">(B, G) of Bool.</param>
    /// <param name="teacher">(B, G).</param>
    public static ScoreInputs Whole(Tensor scores, Tensor? absent = null, Tensor? teacher = null) => new() { Scores = scores, Count = (int)scores.shape[0], Absent = absent, Teacher = teacher };

    /// <summary>Places of some rows without a candidate, (R, G) of Bool.</summary>
    internal Tensor AbsentIn(RowRange rows) => Absent?.narrow(0, rows.Start, rows.Count) ?? zeros_like(Scores, ScalarType.Bool);

    /// <summary>Places of some rows with a teacher's score, (R, G) of Bool.</summary>
    internal Tensor TaughtIn(RowRange rows) => TeacherIn(rows).isnan().logical_or(AbsentIn(rows)).logical_not();

    /// <summary>A teacher's scores of some rows, (R, G).</summary>
    internal Tensor TeacherIn(RowRange rows) =>
        (Teacher ?? throw new TrainerException("The loss learns from a teacher, and the batch has no teacher's scores; add them to the rows (a rescore stage), or choose another loss.")).narrow(0, rows.Start, rows.Count);
}
