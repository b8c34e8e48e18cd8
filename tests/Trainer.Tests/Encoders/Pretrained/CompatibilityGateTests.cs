using Trainer.Encoders.Pretrained;
using Trainer.Heads;

namespace Trainer.Tests.Encoders.Pretrained;

public sealed class CompatibilityGateTests
{
    static readonly ModelSettings Model = new()
    {
        Config = BertFolder.Config,
        Name = "e5-base-v2",
        Family = ModelFamily.Of("e5-base-v2"),
        Pooling = new(PoolingMode.Mean, "1_Pooling/config.json"),
        Normalize = new(true, "modules.json"),
        MaxLength = new(4, "sentence_bert_config.json"),
        Prompts = new(new("query: ", "passage: "), "config_sentence_transformers.json"),
    };

    [Fact]
    public void AJobThatSaysNothing_GetsTheModelAsItWasMade()
    {
        var (config, found) = CompatibilityGate.Decide(Model, new ModelUse());

        Assert.Empty(found);
        Assert.Equal(("mean", true, "query: ", "passage: ", 4, 4), (config.Pooling, config.Normalize, config.QueryPrompt, config.PassagePrompt, config.QueryLength, config.PassageLength));
    }

    [Fact]
    public void AJobThatAgrees_ContradictsNothing()
    {
        var (_, found) = CompatibilityGate.Decide(Model, new ModelUse { Pooling = PoolingMode.Mean, Normalize = true, QueryPrompt = "query: " }, 3, 4);
        Assert.Empty(found);
    }

    [Fact]
    public void EveryContradiction_IsNamedWithBothSides_AndRefused()
    {
        var use = new ModelUse { Pooling = PoolingMode.Cls, Normalize = false, QueryPrompt = "" };
        var (config, found) = CompatibilityGate.Decide(Model, use, 5, 6);

        Assert.Equal([ModelTrait.Pooling, ModelTrait.Normalize, ModelTrait.Prompts, ModelTrait.Length], found.Select(c => c.Trait));
        Assert.Equal(("cls", false, "", 5), (config.Pooling, config.Normalize, config.QueryPrompt, config.QueryLength));
        var error = Assert.Throws<TrainerException>(() => CompatibilityGate.Require("e5-base-v2", found, [ModelTrait.Length], () => "Recall falls."));
        Assert.Contains("mean (1_Pooling/config.json), the job cls", error.Message, StringComparison.Ordinal);
        Assert.Contains("normalised (modules.json), the job not normalised", error.Message, StringComparison.Ordinal);
        Assert.Contains("'query: ' before queries", error.Message, StringComparison.Ordinal);
        Assert.Contains("Recall falls.", error.Message, StringComparison.Ordinal);
        Assert.Contains("allow: [pooling, normalize, prompts]", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4 tokens", error.Message, StringComparison.Ordinal);

        CompatibilityGate.Require("e5-base-v2", found, [.. Enum.GetValues<ModelTrait>()]);
    }

    [Fact]
    public void MoreTokensThanPositions_CannotBeAllowed()
    {
        var error = Assert.Throws<TrainerException>(() => CompatibilityGate.Decide(Model, new ModelUse { Allow = [ModelTrait.Length] }, 7));
        Assert.Contains("positions for 6 tokens", error.Message, StringComparison.Ordinal);
    }
}
