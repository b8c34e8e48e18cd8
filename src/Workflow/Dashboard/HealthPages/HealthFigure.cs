namespace Workflow.Dashboard.HealthPages;

/// <summary>A figure of the health page.</summary>
/// <param name="Name">What is looked at.</param>
/// <param name="Value">What was found, in short.</param>
/// <param name="Look">good, warn, bad, or empty for a figure that is neither.</param>
/// <param name="Found">What it means, with details.</param>
/// <param name="Normal">What is normal.</param>
/// <param name="Todo">What to do; empty where nothing is to be done.</param>
public sealed record HealthFigure(string Name, string Value, string Look, string Found, string Normal, string Todo = "");

/// <summary>Figures of a subject.</summary>
/// <param name="Title">The subject.</param>
/// <param name="Figures">Its figures.</param>
public sealed record HealthSection(string Title, IReadOnlyList<HealthFigure> Figures);

/// <summary>All that the health page shows.</summary>
/// <param name="Sections">Figures by subject.</param>
/// <param name="Versions">What runs: names and versions.</param>
public sealed record HealthModel(IReadOnlyList<HealthSection> Sections, IReadOnlyList<(string Name, string Version)> Versions)
{
    /// <summary>Figures that ask for something, the worst first.</summary>
    public IEnumerable<HealthFigure> Troubles => Sections.SelectMany(s => s.Figures).Where(f => f.Look is "bad" or "warn").OrderBy(f => f.Look == "bad" ? 0 : 1);
}
