using Workflow.Jobs;

namespace Workflow.Schedules;

/// <summary>Ends of pauses as people write them: a time, or a length from now.</summary>
static class PauseEnd
{
    /// <summary>The end; null where the text is empty.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="zone">The zone that a time without one is meant in.</param>
    /// <param name="now">What a length counts from.</param>
    /// <param name="field">Where it was written, for the message.</param>
    /// <exception cref="WorkflowException">It is neither.</exception>
    public static DateTimeOffset? Parse(string? text, ZoneClock zone, DateTimeOffset now, string field) => string.IsNullOrWhiteSpace(text) ? null
        : Durations.TryParse(text.Trim(), out var length) ? now + length
        : ZonedTime.Parse(text.Trim(), zone) ?? throw new WorkflowException($"{field}: found '{text}'; expected a length such as 90m, 12h or 3d, {ZonedTime.Expected.Replace("the schedule's zone", $"the zone {zone.Name}")}.", exitCode: 2);
}
