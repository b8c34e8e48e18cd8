using System.Globalization;

namespace Workflow.Cli;

/// <summary>Numbers as people read them.</summary>
static class HumanText
{
    /// <summary>"0.4s", "38s", "4m 05s", "2h 03m".</summary>
    public static string Time(TimeSpan span) => span switch
    {
        { TotalSeconds: < 9.95 } => span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s",
        { TotalSeconds: < 59.5 } => $"{span.TotalSeconds:0}s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes}m {span.Seconds:00}s",
        _ => $"{(long)span.TotalHours}h {span.Minutes:00}m",
    };

    /// <summary>"1,234", "12.3 M".</summary>
    public static string Count(double number) => number switch
    {
        >= 1e9 => (number / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " G",
        >= 1e7 => (number / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " M",
        >= 10 => number.ToString("#,0", CultureInfo.InvariantCulture),
        _ => number.ToString("0.#", CultureInfo.InvariantCulture),
    };

    /// <summary>"1.2 MB"; powers of 1,000.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
        >= 1_000 => FormattableString.Invariant($"{bytes / 1e3:0.0} kB"),
        _ => $"{bytes} B",
    };

    /// <summary>The first 12 letters of a hash.</summary>
    public static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;

    /// <summary>"2026-11-21 12:00:05" in UTC.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
