using System.Text.Json.Nodes;
using Trainer.Checkpoints;

namespace Trainer.Tests.Checkpoints;

public sealed class RecordStateTests
{
    [Fact]
    public void Restore_GivesTheSameValue_ToTheLastBit()
    {
        Stopping value = new(0.1 + 0.2, double.NaN, 3, null), found = new(0, 0, 0, 1);
        var state = new RecordState<Stopping>("stopping", () => value, v => found = v).State()!.ToJsonString();
        Assert.Equal("""{"best":0.30000000000000004,"last":"NaN","waited":3,"step":null}""", state);
        new RecordState<Stopping>("stopping", () => found, v => found = v).Restore(JsonNode.Parse(state), new Dictionary<string, SafetensorsTensor>());
        Assert.Equal(value, found);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"best":1,"last":1,"waited":1,"step":null,"more":1}""")]
    [InlineData("""{"best":"x","last":1,"waited":1,"step":null}""")]
    public void Restore_RefusesAnotherState(string state)
    {
        var part = new RecordState<Stopping>("stopping", () => new(0, 0, 0, 0), _ => Assert.Fail("taken"));
        Assert.ThrowsAny<Exception>(() => part.Restore(JsonNode.Parse(state), new Dictionary<string, SafetensorsTensor>()));
    }

    sealed record Stopping(double Best, double Last, int Waited, long? Step);
}
