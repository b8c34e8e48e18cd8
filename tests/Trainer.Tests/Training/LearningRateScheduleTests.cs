using System.Text.Json;
using Trainer.Training;

namespace Trainer.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleKind.Constant, "constant")]
    [InlineData(ScheduleKind.Linear, "linear")]
    [InlineData(ScheduleKind.Cosine, "cosine")]
    [InlineData(ScheduleKind.WarmupStableDecay, "wsd_linear")]
    [InlineData(ScheduleKind.WarmupStableDecay, "wsd_cosine", DecayShape.Cosine)]
    [InlineData(ScheduleKind.StepDown, "step_down", DecayShape.Linear, 0.3)]
    [InlineData(ScheduleKind.StepDown, "step_down_to_final")]
    public void At_FollowsPyTorchsSchedulers_StepByStep(ScheduleKind kind, string name, DecayShape decay = DecayShape.Linear, double? factor = null)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("schedules/schedules.json")));
        var root = json.RootElement;
        var schedule = new LearningRateSchedule(
            kind, root.GetProperty("rate").GetDouble(), root.GetProperty("final_rate").GetDouble(), root.GetProperty("warmup_steps").GetInt32(), root.GetProperty("total_steps").GetInt32())
        {
            DecayShare = 0.25,
            Decay = decay,
            Factor = factor,
        };
        var expected = root.GetProperty(name).EnumerateArray().Select(e => e.GetDouble()).ToArray();
        Assert.Equal(schedule.TotalSteps, expected.Length);
        for (var step = 0; step < expected.Length; step++)
        {
            // CosineAnnealingLR multiplies step by step: it drifts from its own closed form by some ulps.
            Assert.Equal(expected[step], schedule.At(step), 1e-13);
        }
    }

    [Theory]
    [InlineData(ScheduleKind.Linear)]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.WarmupStableDecay)]
    [InlineData(ScheduleKind.WarmupStableDecay, DecayShape.Root)]
    [InlineData(ScheduleKind.StepDown)]
    public void At_EndsAtTheFinalRate_AndStaysThere(ScheduleKind kind, DecayShape decay = DecayShape.Linear)
    {
        var schedule = new LearningRateSchedule(kind, 5e-5, 5e-6, 0, 10) { Decay = decay };
        Assert.Equal(5e-5, schedule.At(0));
        Assert.Equal(5e-6, schedule.At(10), 1e-19);
        Assert.Equal(5e-6, schedule.At(99), 1e-19);
        var rates = Enumerable.Range(0, 11).Select(schedule.At).ToList();
        Assert.Equal(rates.OrderDescending(), rates);
    }

    [Fact]
    public void At_FallsSteeplyAtFirst_WithTheRootShape()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.WarmupStableDecay, 1, 0.2, 10, 100) { DecayShare = 0.4, Decay = DecayShape.Root };
        Assert.Equal(1, schedule.At(60));
        Assert.Equal(0.2 + (0.8 * 0.5), schedule.At(70), 1e-15);

        // A fall longer than what warm-up leaves begins where warm-up ends.
        Assert.Equal(1, (schedule with { DecayShare = 1 }).At(10));
    }

    [Fact]
    public void StepDown_NeverFallsBelowTheFinalRate()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.StepDown, 1, 0.3, 0, 10) { Milestones = [0.2, 0.7], Factor = 0.5 };
        Assert.Equal([1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3], Enumerable.Range(0, 10).Select(schedule.At));
        Assert.Equal(0.01, (schedule with { FinalRate = 0, Factor = null }).At(9), 1e-15);
    }
}
