namespace Workflow.Dashboard.TrainingPages;

/// <summary>Local addresses of trainings.</summary>
static class TrainingAddress
{
    /// <summary>The page of a training.</summary>
    public static string Of(string run, string node) => $"/training/{Tail(run, node)}";

    /// <summary>The run and the node as the end of an address.</summary>
    public static string Tail(string run, string node) => $"{Uri.EscapeDataString(run)}/{string.Join('/', node.Split('/').Select(Uri.EscapeDataString))}";
}
