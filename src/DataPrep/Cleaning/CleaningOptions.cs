namespace DataPrep.Cleaning;

/// <summary>How text is cleaned.</summary>
public sealed record CleaningOptions
{
    /// <summary>Whether a run of white space that holds a line end becomes a line end; default false: one blank.</summary>
    public bool KeepLineBreaks { get; init; }
}
