namespace Workflow.Dashboard.StatePages;

/// <summary>How long a page took to make, from when its request passed the gate.</summary>
static class PageTime
{
    static readonly object Key = new();

    /// <summary>Notes when a request came.</summary>
    public static Task Begin(HttpContext http, RequestDelegate next)
    {
        http.Items[Key] = TimeProvider.System.GetTimestamp();
        return next(http);
    }

    /// <summary>Time since then; zero where it was not noted.</summary>
    public static TimeSpan Of(HttpContext http) => http.Items.TryGetValue(Key, out var start) && start is long stamp ? TimeProvider.System.GetElapsedTime(stamp) : TimeSpan.Zero;
}
