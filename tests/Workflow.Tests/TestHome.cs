using Workflow.Artifacts;

namespace Workflow.Tests;

/// <summary>A home in a folder of its own, removed afterwards.</summary>
sealed class TestHome : IDisposable
{
    public TestHome() => Paths = new HomePaths(Directory.CreateTempSubdirectory("workflow-home-").FullName);

    public HomePaths Paths { get; }

    public string Root => Paths.Root;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
