using FaultHost;

namespace Durability;

/// <summary>A folder of small text files and the jobs that read it.</summary>
static class Corpus
{
    /// <summary>Names of the files; each is a partition of the reading stage.</summary>
    public static IReadOnlyList<string> Files { get; } = ["a", "b", "c"];

    public static FakeJob Pipeline(string root, string shape = "pipeline")
    {
        Write(root);
        return new FakeJob { Shape = shape, Root = root, Options = new FakeOptions { Folder = "in" } };
    }

    public static void Write(string root)
    {
        Directory.CreateDirectory(Path.Combine(root, "in"));
        foreach (var name in Files)
        {
            File.WriteAllLines(PathOf(root, name), Enumerable.Range(0, 5).Select(i => $"{name} row {i}"));
        }
    }

    public static string PathOf(string root, string name) => Path.Combine(root, "in", $"{name}.txt");
}
