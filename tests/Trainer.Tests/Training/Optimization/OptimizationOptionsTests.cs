using System.ComponentModel.DataAnnotations;
using Trainer.Training;
using Trainer.Training.Optimization;

namespace Trainer.Tests.Training.Optimization;

public sealed class OptimizationOptionsTests
{
    [Fact]
    public void Validate_NamesEveryContradiction()
    {
        var options = new OptimizationOptions
        {
            Milestones = [0.5, 0.5],
            Parts = [new() { Match = "head", LearningRate = 1, Multiplier = 1 }],
            Freeze = ["/(/"],
            EmaDecay = 0.9,
            AverageFrom = 0.5,
        };
        var faults = new List<ValidationResult>();
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true));
        Assert.Equal(["Milestones", "Parts", "Freeze", "AverageFrom"], faults.Select(f => f.MemberNames.Single()));
        Assert.True(Valid(new OptimizationOptions()));
        Assert.False(Valid(new OptimizationOptions { EmaDecay = 1 }));

        static bool Valid(OptimizationOptions options) => Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true);
    }

    [Fact]
    public void Schedule_HasTheShapesOfTheOptions()
    {
        var schedule = new OptimizationOptions { Milestones = [0.4], StepFactor = 0.5, DecayShare = 0.2, Decay = DecayShape.Cosine }.Schedule(ScheduleKind.StepDown, 1, 0, 0, 10);
        Assert.Equal([1, 0.5], new[] { 3, 4 }.Select(schedule.At));
        Assert.Equal(0.5, (schedule with { Kind = ScheduleKind.WarmupStableDecay }).At(9), 1e-15);
    }
}
