using System.Text.Json;
using Trainer.Training;

namespace Trainer.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Constant, "constant")]
    [InlineData(ScheduleKind.Linear, "linear")]
    [InlineData(ScheduleKind.Cosine, "cosine")]
    public void At_FollowsPyTorchsSchedulers_StepByStep(ScheduleKind kind, string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("schedules/schedules.json")));
        var root = json.RootElement;
        var schedule = new LearningRateSchedule(
            kind, root.GetProperty("rate").GetDouble(), root.GetProperty("final_rate").GetDouble(), root.GetProperty("warmup_steps").GetInt32(), root.GetProperty("total_steps").GetInt32());
        var expected = root.GetProperty(name).EnumerateArray().Select(e => e.GetDouble()).ToArray();
        Assert.Equal(schedule.TotalSteps, expected.Length);
        for (var step = 0; step < expected.Length; step++)
        {
            // CosineAnnealingLR multiplies step by step: it drifts from its own closed form by some ulps.
            Assert.Equal(expected[step], schedule.At(step), 1e-13);
        }
    }

    [Fact]
    public void At_StaysAtTheFinalRate_AfterTheLastStep()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Linear, 1, 0.1, 0, 10);
        Assert.Equal(1, schedule.At(0));
        Assert.Equal(0.1, schedule.At(10), 1e-15);
        Assert.Equal(0.1, schedule.At(99), 1e-15);
    }
}
