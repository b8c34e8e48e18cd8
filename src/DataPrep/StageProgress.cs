namespace DataPrep;

/// <summary>How far a stage has come.</summary>
/// <param name="Done">Units finished.</param>
/// <param name="Total">Units in all; 0 where not known yet.</param>
/// <param name="Unit">What is counted, plural: "documents", "queries", "steps".</param>
/// <param name="Message">What is being done now; null keeps the last one.</param>
public readonly record struct StageProgress(long Done, long Total, string Unit, string? Message = null);
