using System.Globalization;
using Workflow.Dashboard.RunList;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.AuditPages;

/// <summary>What the audit is filtered by; empty or null does not filter.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Action">What they did.</param>
/// <param name="Target">To what.</param>
/// <param name="Since">At this time or later.</param>
/// <param name="Until">Before this time.</param>
/// <param name="Size">Rows per page.</param>
/// <param name="After">Cursor of the row before the first, or null.</param>
public sealed record AuditFilter(string Actor = "", string Action = "", string Target = "", DateTimeOffset? Since = null, DateTimeOffset? Until = null, int Size = 20, string? After = null)
{
    const int LongestText = 400;

    /// <summary>Whether anything but the page is said.</summary>
    public bool Filters => Actor.Length + Action.Length + Target.Length > 0 || Since is not null || Until is not null;

    /// <summary>What a request asks for.</summary>
    public static AuditFilter Of(HttpRequest request)
    {
        var paging = Paging.Of(request);
        return new AuditFilter(Field("actor"), Field("action"), Field("target"), Time("since"), Time("until"), paging.Size, paging.After);

        string Field(string name) => request.Query[name].ToString().Trim() is var text && text.Length > LongestText ? text[..LongestText] : text;
        DateTimeOffset? Time(string name) => DateTimeOffset.TryParse(Field(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    /// <summary>The same as fields of an address, without the page.</summary>
    public IReadOnlyList<(string Name, object? Value)> Fields => [("actor", Actor), ("action", Action), ("target", Target), ("since", RunFilter.Day(Since)), ("until", RunFilter.Day(Until))];
}
