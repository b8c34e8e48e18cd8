using FaultHost;

namespace Workflow.Tests.Faults;

/// <summary>A folder of small text files and the jobs that read it.</summary>
static class Corpus
{
    public static FakeJob Pipeline(string root, string shape = "pipeline")
    {
        Write(root);
        return new FakeJob { Shape = shape, Root = root, Options = new FakeOptions { Folder = "in" } };
    }

    public static void Write(string root)
    {
        Directory.CreateDirectory(Path.Combine(root, "in"));
        foreach (var name in new[] { "a", "b", "c" })
        {
            File.WriteAllLines(Path.Combine(root, "in", $"{name}.txt"), Enumerable.Range(0, 5).Select(i => $"{name} row {i}"));
        }
    }
}
