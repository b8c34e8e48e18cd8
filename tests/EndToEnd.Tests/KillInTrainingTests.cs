using Xunit;

namespace EndToEnd.Tests;

/// <summary>Kill -9 of everything inside the tiny job's training, after a checkpoint: resumed, it goes on from there and gives the same artifacts.</summary>
public sealed class KillInTrainingTests(SharedRuns shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Resume_GivesTheSameArtifacts_WhenKilledInTraining()
    {
        var resumed = await Killing.RepeatAsync(shared, inTraining: true, output);
        Assert.True(resumed * 3 >= 2 * Killing.Times, $"only {resumed} of {Killing.Times} kills fell inside training with a checkpoint to resume from");
    }
}
