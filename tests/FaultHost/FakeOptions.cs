namespace FaultHost;

/// <summary>Options of every fake stage.</summary>
public sealed record FakeOptions
{
    public string Text { get; init; } = "hello";

    public string Folder { get; init; } = "";

    public int Steps { get; init; } = 12;

    public int Every { get; init; } = 3;

    /// <summary>Writes other bytes in each attempt, as a stage that breaks the promise of determinism would.</summary>
    public bool Random { get; init; }

    /// <summary>What goes wrong: user, error, crash, abort, hang, hold, spin, flaky, print, grandchild, or nothing.</summary>
    public string Fault { get; init; } = "";

    /// <summary>A file: once it is there, `hold` goes on and `spin` does not happen; `flaky` fails once and puts it there.</summary>
    public string Gate { get; init; } = "";

    public double Rate { get; init; } = 0.05;
}
