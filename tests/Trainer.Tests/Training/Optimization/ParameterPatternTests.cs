using Trainer.Training;
using Trainer.Training.Optimization;

namespace Trainer.Tests.Training.Optimization;

public sealed class ParameterPatternTests
{
    [Theory]
    [InlineData("encoder.layer.1", "encoder.layer.1.dense.weight", true)]
    [InlineData("encoder.layer.1", "encoder.layer.10.dense.weight", false)]
    [InlineData("encoder.layer.1", "encoder.layer.1", true)]
    [InlineData("layer.1", "encoder.layer.1", false)]
    [InlineData("*.layer.1.*", "encoder.layer.1.dense", true)]
    [InlineData("*.bias", "a.b.bias", true)]
    [InlineData("*.bias", "a.bias.b", false)]
    [InlineData("layer.?", "layer.12", false)]
    [InlineData("layer.?", "layer.1", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("/layer\\.(0|1)\\./", "encoder.layer.1.dense", true)]
    [InlineData("/^layer/", "encoder.layer", false)]
    public void Matches_NamesBeginningsGlobsAndExpressions(string pattern, string name, bool expected) => Assert.Equal(expected, new ParameterPattern(pattern).Matches(name));

    [Fact]
    public void Anything_IsAPatternOrAnErrorThatSaysWhy()
    {
        const string Letters = "/*?.()[]{}+\\^$|a1,-:<>=!d";
        var random = new SplitMix64(5);
        for (var round = 0; round < FuzzRounds.Count / 4; round++)
        {
            var text = string.Concat(Enumerable.Range(0, 1 + random.Below(12)).Select(_ => Letters[random.Below(Letters.Length)]));
            text = random.Below(2) == 0 ? $"/{text}/" : text;
            try
            {
                new ParameterPattern(text).Matches("encoder.layer.1.dense.weight");
            }
            catch (TrainerException error)
            {
                Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Matching_StaysLinear_WhateverTheExpression()
    {
        // Backtracking would need some 2^200 steps here.
        Assert.False(new ParameterPattern("/^(a|a)*b$/").Matches(new string('a', 200)));
        Assert.Throws<TrainerException>(() => new ParameterPattern("/(a)\\1/"));
        Assert.Contains("expected at most", Assert.Throws<TrainerException>(() => new ParameterPattern(new string('a', 501))).Message, StringComparison.Ordinal);
        Assert.Throws<TrainerException>(() => new ParameterPattern("/((a{900}){900}){900}/"));
    }
}
