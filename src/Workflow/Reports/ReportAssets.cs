using System.Reflection;

namespace Workflow.Reports;

/// <summary>Style sheets that are built into the program.</summary>
static class ReportAssets
{
    /// <summary>Colours by day and night: shared with the dashboard.</summary>
    public static string Colours { get; } = Read("colours.css");

    /// <summary>Looks of the charts: shared with the dashboard.</summary>
    public static string Charts { get; } = Read("charts.css");

    /// <summary>Layout of the report.</summary>
    public static string Report { get; } = Read("report.css");

    static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("assets/" + name)
            ?? throw new InvalidOperationException($"The style sheet {name} is not built in; the project embeds it from src/Workflow/Reports/Assets.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
