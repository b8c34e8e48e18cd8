namespace Workflow.Dashboard.AuditPages;

/// <summary>A line of the audit.</summary>
/// <param name="Seq">Its number; later lines have higher ones.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">Who: an account, whom a proxy named, a user of this machine, a schedule.</param>
/// <param name="Action">What they did.</param>
/// <param name="Target">To what.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Before">What was before, as JSON, or null.</param>
public sealed record AuditRow(long Seq, DateTimeOffset Time, string Actor, string Action, string Target, string? Reason, string? Before);
