using Workflow.Artifacts;

namespace Durability;

/// <summary>
/// A folder of its own for one schedule, with a home and a corpus in it, removed afterwards. In memory where there is room: what is tried here are processes that die, not power that fails.
/// </summary>
sealed class Scratch : IDisposable
{
    const long Room = 1L << 30;
    static readonly string Base = Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > Room ? "/dev/shm" : Path.GetTempPath();

    public Scratch()
    {
        Root = Path.Combine(Base, Path.GetRandomFileName() + ".workflow");
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public HomePaths Home => new(Path.Combine(Root, "home"));

    public string Corpus => Path.Combine(Root, "corpus");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
