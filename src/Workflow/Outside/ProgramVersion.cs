using System.Reflection;

namespace Workflow.Outside;

/// <summary>The version this program tells the outside.</summary>
static class ProgramVersion
{
    /// <summary>As in 1.0.0.</summary>
    public static string Text { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
