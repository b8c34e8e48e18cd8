using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>Each family of faults sees the bugs that are seeded for it.</summary>
public sealed class DurabilityMutantTests
{
    public static TheoryData<string, int, string> Mutants => [.. ScenarioTable.All.SelectMany(s => s.Mutations.Select((m, i) => (s.Name, i, m.Mutant)))];

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task Mutant_IsCaught(string family, int number, string mutant)
    {
        var scenario = FaultFamilies.Playable(family);
        var mutation = scenario.Mutations.ElementAt(number);
        var findings = await Scenario.PlayAsync([mutation.Trial], new Setting(scenario.Engines[0], mutant), TestContext.Current.CancellationToken);
        Assert.True(findings.Violations.Count > 0, $"{mutation.Mutant} was not seen by: {mutation.Trial.Name}");
    }
}
