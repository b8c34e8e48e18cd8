using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using Trainer.Losses;
using Trainer.Training;
using TorchSharp;

namespace Trainer.Tests.Training;

/// <summary>A transformer in the training loop: from scratch, stopped and resumed, saved as a Hugging Face folder, gone on from.</summary>
[Collection(TorchCollection.Name)]
public sealed class TransformerTrainTests
{
    static readonly TrainOptions Options = TrainFixture.Options with
    {
        Transformer = new TransformerOptions { HiddenSize = 32, Layers = 2, Heads = 4, IntermediateSize = 64, MaxLength = 64 },
        QueryLength = 16,
        PassageLength = 64,
        MaxSteps = 12,
        LearningRate = 2e-3,
        EvalEvery = 6,
        Loss = new LossOptions { MatryoshkaDims = [16, 32] },
    };

    public TransformerTrainTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    [Theory]
    [InlineData(Precision.Fp32)]
    [InlineData(Precision.Bf16)]
    public void Run_GivesTheSameBytes_WhereverItWasStoppedAndResumed(Precision precision)
    {
        using var fixture = new TrainFixture(2, specialTokens: true);
        var options = Options with { Precision = precision };
        using var undisturbed = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("whole"), options, undisturbed, undisturbed.Token);
        var losses = undisturbed.Points.Where(p => p.Key == "train_loss").Select(p => p.Value).ToList();
        Assert.True(losses[^1] < losses[0], $"loss {losses[0]} -> {losses[^1]}");

        using var stopped = new TrainFixture.Observer(stopAt: 7);
        Assert.Throws<OperationCanceledException>(() => TrainLoop.Run(fixture.Inputs("stopped"), options, stopped, stopped.Token));
        using var resumed = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("stopped", resume: true), options, resumed, resumed.Token);

        Assert.Equal(4, result.ResumedAt);
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("stopped"));
    }

    [Fact]
    public void ModernBert_IsTrainedFromScratch_SavedAndReadByAnother()
    {
        using var fixture = new TrainFixture(2, specialTokens: true);
        using var observer = new TrainFixture.Observer();
        var options = Options with { Transformer = Options.Transformer! with { Type = TransformerKind.Modernbert, Window = 8, GlobalEvery = 2 }, ActivationCheckpointing = true };
        TrainLoop.Run(fixture.Inputs("modern"), options, observer, observer.Token);

        var losses = observer.Points.Where(p => p.Key == "train_loss").Select(p => p.Value).ToList();
        Assert.True(losses[^1] < losses[0], $"loss {losses[0]} -> {losses[^1]}");
        var files = FileSet.FromFolder(fixture.Folder("modern-output"));
        using var model = ModelFolder.Load(files);
        Assert.Equal(("modernbert", 16, 64), (model.Config.ModelType, model.Config.QueryLength, model.Config.PassageLength));
        Assert.Equal(new ModernBertShape { Window = 8, GlobalEvery = 2, MlpDropout = 0.1 }, ((PooledTransformer)model.Encoder).Transformer.Config.Modern);
        var texts = new[] { "1 2 3", string.Join(' ', Enumerable.Range(0, 60)), "" };
        var found = model.Encode(texts, TextRole.Passage, 1, cancellationToken: TestContext.Current.CancellationToken);
        var again = new Trainer.Export.PlainReader(files.Label).Encode(texts, TextRole.Passage, TestContext.Current.CancellationToken);
        Assert.All(found.Zip(again), pair => Assert.InRange(Encoders.BertGolden.Distance(pair.First, pair.Second), 0, 1e-5));
    }

    [Fact]
    public void TheSavedModel_IsAFolderThatSaysHowItIsUsed_AndGoesOnFromThere()
    {
        using var fixture = new TrainFixture(2, specialTokens: true);
        using var observer = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("first"), Options with { Model = new ModelUse { Pooling = PoolingMode.Cls, QueryPrompt = "1 ", PassagePrompt = "" } }, observer, observer.Token);
        var files = FileSet.FromFolder(fixture.Folder("first-output"));

        var settings = ModelSettings.Read(files);
        Assert.Equal((PoolingMode.Cls, true, new ModelPrompts("1 ", "")), (settings.Pooling!.Value.Value, settings.Normalize!.Value.Value, settings.Prompts.Value));
        Assert.Equal((16, 64), settings.Lengths);
        Assert.Equal([16, 32], settings.MatryoshkaDimensions);

        var inputs = fixture.Inputs("second") with { InitialModel = files };
        var error = Assert.Throws<TrainerException>(() => TrainLoop.Run(inputs, Options with { Model = new ModelUse { Pooling = PoolingMode.Mean } }, observer, observer.Token));
        Assert.Contains("cls (1_Pooling/config.json), the job mean", error.Message, StringComparison.Ordinal);

        var allowed = TrainLoop.Run(inputs, Options with { MaxSteps = 1, Model = new ModelUse { Pooling = PoolingMode.Mean, Allow = [ModelTrait.Pooling] } }, observer, observer.Token);
        Assert.Equal([ModelTrait.Pooling], allowed.Contradictions.Select(c => c.Trait));
        Assert.Contains(observer.Lines, l => l.StartsWith("Allowed by the job. pooling: the model says cls", StringComparison.Ordinal));
        using var model = ModelFolder.Load(FileSet.FromFolder(fixture.Folder("second-output")));
        Assert.Equal(("mean", "1 "), (model.Config.Pooling, model.Config.QueryPrompt));
    }

    [Fact]
    public void AProjection_IsRefusedBehindAPretrainedModel_UnlessAllowed_AndIsTrainedSavedAndLoaded()
    {
        using var fixture = new TrainFixture(2, specialTokens: true);
        using var observer = new TrainFixture.Observer();
        var plain = Options with { MaxSteps = 2, Loss = new LossOptions() };
        TrainLoop.Run(fixture.Inputs("bare"), plain, observer, observer.Token);
        var inputs = fixture.Inputs("projected") with { InitialModel = FileSet.FromFolder(fixture.Folder("bare-output")) };

        var asked = plain with { Model = new ModelUse { Projection = 24 } };
        var error = Assert.Throws<TrainerException>(() => TrainLoop.Run(inputs, asked, observer, observer.Token));
        Assert.Contains("projection: the model says none (32 dimensions as they are), the job a new one to 24", error.Message, StringComparison.Ordinal);

        TrainLoop.Run(inputs, asked with { Model = asked.Model with { Allow = [ModelTrait.Projection] } }, observer, observer.Token);
        var files = FileSet.FromFolder(fixture.Folder("projected-output"));
        using var model = ModelFolder.Load(files);
        Assert.Equal(24, model.Config.Dimensions);
        var texts = new[] { "1 2 3", "300 5", "" };
        var found = model.Encode(texts, TextRole.Query, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.All(found, v => Assert.Equal(24, v.Length));

        // Read again as sentence-transformers reads it, module by module, in plain C#.
        var again = new Trainer.Export.PlainReader(files.Label).Encode(texts, TextRole.Query, TestContext.Current.CancellationToken);
        Assert.All(found.Zip(again), pair => Assert.InRange(Encoders.BertGolden.Distance(pair.First, pair.Second), 0, 1e-5));

        // Gone on from as it is, it contradicts nothing.
        var onward = TrainLoop.Run(fixture.Inputs("onward") with { InitialModel = files }, plain, observer, observer.Token);
        Assert.Empty(onward.Contradictions);
    }

    [Fact]
    public void Probe_TellsWhatTheWrongPoolingCosts()
    {
        using var fixture = new TrainFixture(2, specialTokens: true);
        using var observer = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("probe"), Options with { MaxSteps = 40, Loss = new LossOptions() }, observer, observer.Token);
        using var encoder = TransformerEncoder.Load(FileSet.FromFolder(fixture.Folder("probe-output")));

        var probe = PoolingProbe.Measure(encoder, fixture.Set);

        // The model was trained with the mean, so the mean finds more than a token that was never asked.
        var readings = probe.Readings.ToDictionary(r => r.Mode);
        Assert.Equal(256, probe.Pairs);
        Assert.True(readings[PoolingMode.Mean].Recall1 > readings[PoolingMode.Cls].Recall1, string.Join("; ", probe.Readings));
        Assert.True(probe.ClsMeanCosine < 0.999, $"{probe.ClsMeanCosine}");
        Assert.Contains("with mean and", probe.Text(PoolingMode.Mean, PoolingMode.Cls), StringComparison.Ordinal);
    }
}
