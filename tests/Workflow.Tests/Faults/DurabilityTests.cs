using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>The short form of every family of faults on every engine, and that each family sees the bugs seeded for it. The long form is the program in tests/Durability.</summary>
public sealed class DurabilityTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Families => [.. ScenarioTable.All.SelectMany(s => s.Engines.Select(e => (s.Name, e)))];

    public static TheoryData<string, int, string> Mutants => [.. ScenarioTable.All.SelectMany(s => s.Mutations.Select((m, i) => (s.Name, i, m.Mutant)))];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Family_ViolatesNothing(string family, string engine)
    {
        var findings = await Scenario.PlayAsync(Playable(family).TrialsOn(engine, full: false), new Setting(engine), Cancellation);
        Assert.Empty(findings.Violations);
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public async Task Mutant_IsCaught(string family, int number, string mutant)
    {
        var mutation = Playable(family).Mutations.ElementAt(number);
        var findings = await Scenario.PlayAsync([mutation.Trial], new Setting(Playable(family).Engines[0], mutant), Cancellation);
        Assert.True(findings.Violations.Count > 0, $"{mutation.Mutant} was not seen by: {mutation.Trial.Name}");
    }

    static Scenario Playable(string family)
    {
        var scenario = ScenarioTable.Named(family);
        if (scenario.Lacking is { } reason)
        {
            Assert.Skip(reason);
        }

        return scenario;
    }
}
