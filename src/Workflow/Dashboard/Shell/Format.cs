using System.Text.Json;
using System.Text.Encodings.Web;

namespace Workflow.Dashboard;

/// <summary>How values are written on pages.</summary>
static class Format
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss");

    /// <summary>A duration with its two largest units.</summary>
    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalSeconds: < 10 } => $"{span.TotalSeconds:0.0} s",
        { TotalMinutes: < 1 } => $"{span.TotalSeconds:0} s",
        { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
        { TotalDays: < 1 } => $"{span.Hours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>How long ago, in its largest unit.</summary>
    public static string Ago(DateTimeOffset then, DateTimeOffset now) => (now - then) switch
    {
        { TotalSeconds: < 60 } => "just now",
        { TotalMinutes: < 60 } span => $"{span.TotalMinutes:0} min ago",
        { TotalHours: < 36 } span => $"{span.TotalHours:0} h ago",
        var span => $"{span.TotalDays:0} d ago",
    };

    /// <summary>Bytes with a binary unit.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1 << 20 => $"{bytes / 1024.0:0.0} KiB",
        < 1 << 30 => $"{bytes / 1048576.0:0.0} MiB",
        _ => $"{bytes / 1073741824.0:0.00} GiB",
    };

    /// <summary>A count, grouped by thousands.</summary>
    public static string Count(long? count) => count?.ToString("#,0") ?? "–";

    /// <summary>The start of a hash, or the distinguishing end of a time-ordered id.</summary>
    public static string Short(string id) => id.Length == 36 ? id[^12..] : id.Length > 12 ? id[..12] : id;

    /// <summary>JSON set out for reading; anything else as it is.</summary>
    public static string Json(string? json)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "");
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (JsonException)
        {
            return json ?? "";
        }
    }

    /// <summary>Look of a state: good, bad, busy, warn, idle.</summary>
    public static string Look(string state) => state switch
    {
        "succeeded" or "committed" or "reused" or "fired" or "active" => "good",
        "failed" or "timed_out" or "lost" or "error" => "bad",
        "running" => "busy",
        "interrupted" or "partial" or "retry_wait" or "fenced" or "missed" or "skipped-overlap" or "paused" => "warn",
        _ => "idle",
    };

    /// <summary>A state in words.</summary>
    public static string State(string state) => state.Replace('_', ' ');

    /// <summary>Local address of a node's page.</summary>
    public static string NodeAddress(string run, string node) => $"/runs/{Uri.EscapeDataString(run)}/nodes/{string.Join('/', node.Split('/').Select(Uri.EscapeDataString))}";
}
