using Xunit;

namespace EndToEnd.Tests;

/// <summary>Kill -9 of everything at random moments of the tiny job, then resume: the same artifacts, nothing torn on the way, a clean verify.</summary>
public sealed class KillTests(SharedRuns shared, ITestOutputHelper output)
{
    [Fact]
    public Task Resume_GivesTheSameArtifacts_WhenKilledAtRandomMoments() => Killing.RepeatAsync(shared, inTraining: false, output);
}
