namespace Workflow.Outside;

/// <summary>One message to the outside, made from one event of the history.</summary>
/// <param name="Seq">The event's sequence number.</param>
/// <param name="Key">What a receiver deduplicates by: the same however often it is sent.</param>
/// <param name="Body">JSON, one line, UTF-8.</param>
sealed record OutsideMessage(long Seq, string Key, byte[] Body);
