namespace Workflow.Schedules;

/// <summary>What is to become of one nominal time.</summary>
/// <param name="Nominal">The nominal time; of a data set's version, when that was made.</param>
/// <param name="Outcome">fired, queued, missed, skipped-overlap, paused; release: a queued one fires.</param>
/// <param name="Reason">Why, for people; null where there is nothing to say.</param>
/// <param name="Seq">Number of the data set's version, or 0.</param>
readonly record struct Intent(DateTimeOffset Nominal, string Outcome, string? Reason = null, long Seq = 0);
