using Durability.Scenarios;

namespace Durability;

/// <summary>Every scenario, in the order of its number.</summary>
public static class ScenarioTable
{
    /// <summary>All.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new StoppedPastLease(), new FullDisk(), new ClockJumps(), new SchedulerDown(), new WrongRings(), new LostEngineStore(), new TwoInstances(), new DamagedBlob(), new PoisonedPartition(), new CancelAnywhere(),
    ];

    /// <summary>The one of a name.</summary>
    public static Scenario Named(string name) => All.FirstOrDefault(s => s.Name == name) ?? throw new ArgumentException($"No family {name}. Known: {string.Join(", ", All.Select(s => s.Name))}.");
}
