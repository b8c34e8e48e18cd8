using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Tests.Training.Caching;
using Trainer.Tests.Training.Distributed;
using Trainer.Training;
using Trainer.Training.Caching;
using Trainer.Training.Guides;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Objectives;

[Collection(TorchCollection.Name)]
public sealed class ContrastiveObjectiveTests
{
    const int Vocabulary = 400;

    static readonly int[] Rows = [3, 17, 8, 30, 21, 5, 11, 26, 39, 1];

    readonly TrainingSet _set = SyntheticRows.Build(40, Vocabulary);

    public ContrastiveObjectiveTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Backward_GivesTheGradientsOfThePlainBatch_AndSaysWhatItChecked()
    {
        using var scope = NewDisposeScope();
        var loss = new InfoNce(0.05, symmetric: true);
        using var encoder = Encoder();
        var batch = TrainBatch.Build(_set, Rows, 2, 1, 9);
        var (queries, passages) = ((IEncoder)encoder).Forward(batch.Queries, batch.Passages);
        var value = loss.Compute(LossInputs.Dense(queries, passages, tensor(batch.Excluded, [batch.Queries.Count, batch.Passages.Count]))).Total;
        value.backward();
        var expected = CachingCase.TakeGradients(encoder);

        var lines = new List<string>();
        foreach (var caching in new[] { null, new GradientCacheOptions { MiniBatch = 7, KeepGraphs = 1 } })
        {
            using var objective = new ContrastiveObjective(encoder, loss, _set, 2, CPU, caching, log: lines.Add);
            for (var again = 0; again < 2; again++)
            {
                var result = objective.Backward(new StepRequest(9, 3, 3, 1, Rows, 7));
                Assert.Equal(1, result.Loss / value.ToDouble(), 1e-6);
                Assert.Equal((30 + Rows.Length, (long)(batch.Queries.Ids.Length + batch.Passages.Ids.Length)), (result.Texts, result.Tokens));
                Assert.InRange(CachingCase.Compare(expected, CachingCase.TakeGradients(encoder)).Difference, 0, 1e-6);
            }
        }

        Assert.StartsWith("Gradient caching gives the gradients of one graph on 8 rows", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_GivesTheLossTheGuidesEmbeddings_OfItsOwnRows()
    {
        using var scope = NewDisposeScope();
        using var encoder = Encoder();
        var guide = new Numbered();
        var loss = new Noting(new InfoNce());
        using var objective = new ContrastiveObjective(encoder, loss, _set, 1, CPU, guide: guide);
        objective.Backward(new StepRequest(9, 3, 2, 1, Rows, 64));
        var batch = TrainBatch.Build(_set, Rows, 1, 1, 9);
        Assert.Equal(batch.QueryTexts.Select(t => (float)t), loss.GuideQueries);
        Assert.Equal(batch.PassageTexts.Select(t => 1000f + t), loss.GuidePassages);
        Assert.Equal(2, loss.Step);
    }

    [Fact]
    public void Backward_AmongProcesses_GivesTheLossAndGradientsOfOne()
    {
        using var ranks = new RankProcesses(2);
        var all = ranks.StartAll("objective");
        Assert.All(all, r => Assert.True(r.Exit() == 0, r.Error));
        Assert.All(all, r => Assert.All(r.Output.Trim().Split(' '), d => Assert.InRange(double.Parse(d, System.Globalization.CultureInfo.InvariantCulture), 0, 1e-6)));
    }

    [Fact]
    public void WhatTheLossWants_AndWhatIsThere_MustAgree()
    {
        using var scope = NewDisposeScope();
        using var encoder = Encoder();
        Refused(LossKind.Gist, null, 1, "there is no guide");
        Refused(LossKind.InfoNce, new Numbered(), 1, "does not read its embeddings");
        Refused(LossKind.KlDistillation, null, 1, "none of the 40 rows has any");
        Refused(LossKind.M3, null, 1, "an encoder of type static gives Dense");

        void Refused(LossKind kind, IGuide? guide, int negatives, string reason)
        {
            var loss = LossTable.Create(new LossOptions { Kind = kind });
            var error = Assert.Throws<TrainerException>(() => new ContrastiveObjective(encoder, loss, _set, negatives, CPU, guide: guide));
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ATrainingWhoseCachedGradientsAreOthers_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var encoder = new GradCacheSelfTestTests.Noisy(Encoder());
        using var cached = new ContrastiveObjective(encoder, new InfoNce(), _set, 1, CPU, new GradientCacheOptions { MiniBatch = 4 });
        Assert.Throws<TrainerException>(() => cached.Backward(new StepRequest(9, 0, 0, 0, Rows, 4)));
        using var plain = new ContrastiveObjective(encoder, new InfoNce(), _set, 1, CPU);
        Assert.True(double.IsFinite(plain.Backward(new StepRequest(9, 0, 0, 0, Rows, 4)).Loss));
    }

    static StaticEncoder Encoder() => StaticEncoder.Create(Vocabulary, new StaticEncoderOptions { Dimensions = 8, QuerySide = QuerySide.Weights }, 3);

    /// <summary>A guide whose embedding of a text is the text's number.</summary>
    sealed class Numbered : IGuide
    {
        public string Digest => "numbered";

        public int Dimensions => 1;

        public Tensor Embed(TextRole role, ReadOnlySpan<int> texts) => tensor([.. texts.ToArray().Select(t => (role == TextRole.Query ? 0f : 1000f) + t)], [texts.Length, 1]);

        public void Dispose()
        {
        }
    }

    /// <summary>A loss that wants a guide and notes what it got.</summary>
    sealed class Noting(ILoss inner) : ILoss
    {
        public LossNeeds Needs => LossNeeds.Guide;

        public float[] GuideQueries { get; private set; } = [];

        public float[] GuidePassages { get; private set; } = [];

        public int Step { get; private set; }

        public LossValue Compute(LossInputs inputs, RowRange rows)
        {
            (GuideQueries, GuidePassages, Step) = (inputs.GuideQueries!.data<float>().ToArray(), inputs.GuidePassages!.data<float>().ToArray(), inputs.Step);
            return inner.Compute(inputs, rows);
        }
    }
}
