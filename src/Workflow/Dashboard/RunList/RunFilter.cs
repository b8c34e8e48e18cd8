using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.RunList;

/// <summary>What a list of runs is filtered by; empty or null does not filter.</summary>
/// <param name="State">A state.</param>
/// <param name="Text">Words of the job's name, the id, the description, the reason, who asked, or the error.</param>
/// <param name="Size">Rows per page.</param>
/// <param name="Job">Name of the job.</param>
/// <param name="Trigger">Kind of trigger: cron, manual, ...</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Since">Made at this time or later.</param>
/// <param name="Until">Made before this time.</param>
/// <param name="Param">An option of a stage: <c>train.batch_size=64</c>, or of any stage: <c>batch_size=64</c>.</param>
/// <param name="After">Cursor of the row before the first, or null.</param>
public sealed record RunFilter(string State = "", string Text = "", int Size = 20, string Job = "", string Trigger = "", string By = "", DateTimeOffset? Since = null, DateTimeOffset? Until = null, string Param = "", string? After = null)
{
    /// <summary>States of a run, the unfinished ones first.</summary>
    public static IReadOnlyList<string> States { get; } = ["running", "queued", "interrupted", "failed", "partial", "cancelled", "succeeded"];

    /// <summary>Kinds of triggers.</summary>
    public static IReadOnlyList<string> Triggers { get; } = ["manual", "cron", "upstream", "backfill", "resume", "api"];

    /// <summary>Whether anything but the page is said.</summary>
    public bool Filters => State.Length + Text.Length + Job.Length + Trigger.Length + By.Length + Param.Length > 0 || Since is not null || Until is not null;

    /// <summary>Whether more than a state and words is said.</summary>
    public bool Narrow => Job.Length + Trigger.Length + By.Length + Param.Length > 0 || Since is not null || Until is not null;

    /// <summary>What a request asks for.</summary>
    public static RunFilter Of(HttpRequest request)
    {
        var query = request.Query;
        var paging = Paging.Of(request);
        return new RunFilter(Known(States, "state"), Field("q"), paging.Size, Field("job"), Known(Triggers, "trigger"), Field("by"), Time("since"), Time("until"), Field("param"), paging.After);

        string Field(string name) => query[name].ToString().Trim() is { Length: <= 400 } text ? text : query[name].ToString().Trim()[..400];
        string Known(IReadOnlyList<string> values, string name) => values.Contains(Field(name)) ? Field(name) : "";
        DateTimeOffset? Time(string name) => DateTimeOffset.TryParse(Field(name), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    /// <summary>The same as fields of an address, without the page.</summary>
    public IReadOnlyList<(string Name, object? Value)> Fields =>
        [("state", State), ("q", Text), ("job", Job), ("trigger", Trigger), ("by", By), ("since", Day(Since)), ("until", Day(Until)), ("param", Param)];

    /// <summary>A time as a form writes it: a day, with its time where it has one.</summary>
    public static string? Day(DateTimeOffset? time) => time?.UtcDateTime.ToString(time.Value.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm");
}
