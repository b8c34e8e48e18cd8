using DataPrep;

namespace Workflow.Cli;

/// <summary>How far one running node is, with its rate since the first report of this attempt: a resumed one does not count what was done before.</summary>
/// <param name="started">Timestamp of its start.</param>
sealed class NodeProgress(long started)
{
    const int Bar = 20;

    (long Done, long At)? first;
    StageProgress last;
    string? message;

    public void Report(TimeProvider time, StageProgress progress)
    {
        if (first is null || progress.Unit != last.Unit || progress.Done < first.Value.Done)
        {
            first = (progress.Done, time.GetTimestamp());
        }

        last = progress;
        message = progress.Message ?? message;
    }

    /// <summary>"train [#####---------------] 25% 500/2,000 steps, 120/s, 13s left: round 1".</summary>
    public string Text(TimeProvider time, string name)
    {
        var now = time.GetTimestamp();
        var tail = message is null ? "" : $": {message}";
        if (first is not { } from)
        {
            return $"{name} {HumanText.Time(time.GetElapsedTime(started, now))}{tail}";
        }

        var seconds = time.GetElapsedTime(from.At, now).TotalSeconds;
        var rate = seconds > 0 ? (last.Done - from.Done) / seconds : 0;
        var speed = rate > 0 ? $", {HumanText.Count(rate)}/s" : "";
        if (last.Total <= 0)
        {
            return $"{name} {HumanText.Count(last.Done)} {last.Unit}{speed}{tail}";
        }

        var share = Math.Clamp((double)last.Done / last.Total, 0, 1);
        var full = (int)(share * Bar);
        var left = rate > 0 && last.Done < last.Total ? $", {HumanText.Time(TimeSpan.FromSeconds((last.Total - last.Done) / rate))} left" : "";
        return $"{name} [{new string('#', full)}{new string('-', Bar - full)}] {(int)(share * 100)}% {HumanText.Count(last.Done)}/{HumanText.Count(last.Total)} {last.Unit}{speed}{left}{tail}";
    }
}
