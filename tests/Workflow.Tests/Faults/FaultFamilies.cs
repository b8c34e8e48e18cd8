using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>Families of faults, as tests play them; the classes that do so run beside each other.</summary>
static class FaultFamilies
{
    /// <summary>Names of the families that are tried on an engine. Every engine has a class of its own: none may be left out.</summary>
    public static TheoryData<string> On(string engine)
    {
        string[] tested = ["inline", "quartz"];
        Assert.Empty(ScenarioTable.All.SelectMany(s => s.Engines).Except(tested));
        return [.. ScenarioTable.All.Where(s => s.Engines.Contains(engine)).Select(s => s.Name)];
    }

    /// <summary>Plays the few schedules that every change is tried on.</summary>
    public static async Task HoldsAsync(string family, string engine)
    {
        var findings = await Scenario.PlayAsync(Playable(family).TrialsOn(engine, full: false), new Setting(engine), TestContext.Current.CancellationToken);
        Assert.Empty(findings.Violations);
    }

    /// <summary>The family; skips the test where this machine lacks what it needs.</summary>
    public static Scenario Playable(string family)
    {
        var scenario = ScenarioTable.Named(family);
        if (scenario.Lacking is { } reason)
        {
            Assert.Skip(reason);
        }

        return scenario;
    }
}
