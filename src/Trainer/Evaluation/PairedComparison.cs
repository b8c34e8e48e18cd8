namespace Trainer.Evaluation;

/// <summary>Two systems measured on the same queries.</summary>
/// <param name="Queries">Queries.</param>
/// <param name="Candidate">Mean of the candidate.</param>
/// <param name="Current">Mean of the current one.</param>
/// <param name="Difference">Mean of candidate less current, query by query, with its 95 % bootstrap interval.</param>
/// <param name="PWorse">One-sided p-value: how likely so low a difference is where the candidate is worse by the margin at most.</param>
/// <param name="Better">Queries on which the candidate is better.</param>
/// <param name="Worse">Queries on which it is worse.</param>
/// <param name="Equal">Queries on which both are equal.</param>
/// <param name="Exact">Whether every assignment of signs was counted, and none drawn.</param>
public sealed record PairedComparison(int Queries, double Candidate, double Current, Interval Difference, double PWorse, int Better, int Worse, int Equal, bool Exact);
