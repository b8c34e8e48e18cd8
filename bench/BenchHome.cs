using Workflow.Artifacts;
using Workflow.Runs;

namespace Bench;

/// <summary>A home in a folder of its own, removed afterwards.</summary>
sealed class BenchHome : IDisposable
{
    public BenchHome(Arguments arguments, int slots)
    {
        var root = Path.Combine(arguments.Text("home", Path.GetTempPath()), $"bench-{Guid.CreateVersion7():N}");
        Home = new Home(new HomePaths(root), new HostOptions { JobFromJson = BenchJob.FromJson, Slots = new Dictionary<string, int> { ["cpu"] = slots } }, "bench");
    }

    public Home Home { get; }

    public void Dispose()
    {
        Home.Dispose();
        Directory.Delete(Home.Paths.Root, recursive: true);
    }
}
