using Workflow.Artifacts;
using Workflow.Engine;

namespace FaultHost;

/// <summary>The engines that faults are tried on, by the name an environment variable can carry.</summary>
public static class Engines
{
    /// <summary>Environment variable of a FaultHost: its engine; where it is absent, <c>go</c> runs without serving.</summary>
    public const string Variable = "FAULT_ENGINE";

    static readonly SortedDictionary<string, Func<HomePaths, TimeProvider, IJobEngine>> Known = new(StringComparer.Ordinal)
    {
        ["inline"] = (_, time) => new InlineEngine(time),
        ["quartz"] = (home, time) => new QuartzEngine(home, time) { Log = Console.Error.WriteLine },
    };

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> Names => [.. Known.Keys];

    /// <summary>What makes the engine of a name.</summary>
    public static Func<HomePaths, TimeProvider, IJobEngine> Of(string name) => Known[name];
}
