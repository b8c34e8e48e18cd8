using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training.Caching;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

/// <summary>Cached gradients against those of one graph through encoder and loss, dropout on.</summary>
[Collection(TorchCollection.Name)]
public sealed class GradCacheTests
{
    public GradCacheTests() => PythonTorch.RequireTorch();

    public static TheoryData<string> Names => [.. CachingCase.Losses.Keys];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var loss in CachingCase.Losses.Keys)
            {
                foreach (var miniBatch in new[] { 1, 3, 64 })
                {
                    cases.Add(loss, miniBatch);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_GivesTheGradientsOfOneGraph_WhateverIsKept(string name, int miniBatch)
    {
        using var scope = NewDisposeScope();
        var loss = CachingCase.Losses[name];
        using var encoder = CachingCase.Encoder(loss.Heads);
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();
        var (value, expected) = CachingCase.Plain(encoder, loss, known, miniBatch);

        float[]? first = null;
        foreach (var (keep, lossRows) in new[] { (0, 2), (2, 2), (int.MaxValue, 2), (0, 6) })
        {
            var result = CachingCase.Cache(encoder, loss, miniBatch, keep, lossRows).Step(queries, passages, known, CachingCase.Request(miniBatch));
            var found = CachingCase.TakeGradients(encoder);
            Assert.Equal(1, result.Loss / value, 1e-6);
            Assert.InRange(CachingCase.Compare(expected, found).Difference, 0, 1e-6);

            // What is kept changes no bit, how the rows are tiled no more than the last ones.
            Assert.True(lossRows != 2 || (first ??= found).SequenceEqual(found), $"{keep} kept graphs give other bits");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_GivesTheGradientsOfOneGraph_InShorterNumbers(string name)
    {
        using var scope = NewDisposeScope();
        var loss = CachingCase.Losses[name];
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();

        // The same draws of dropout as one graph; and, without dropout, the plain step of the whole batch in one pass, whose products round otherwise.
        foreach (var (dropout, pass) in new[] { (0.1, 5), (0, 64) })
        {
            using var encoder = CachingCase.Encoder(loss.Heads, dropout);
            encoder.Precision = Precision.Bf16;
            var (_, expected) = CachingCase.Plain(encoder, loss, known, pass);
            CachingCase.Cache(encoder, loss, 5).Step(queries, passages, known, CachingCase.Request(5));
            var (difference, cosine) = CachingCase.Compare(expected, CachingCase.TakeGradients(encoder));
            TestContext.Current.TestOutputHelper!.WriteLine($"{pass} texts in a pass, difference {difference:G3}, cosine {cosine:G9}");
            Assert.InRange(cosine, 0.9999, 1.0001);
            Assert.InRange(difference, 0, dropout > 0 ? 1e-6 : 1e-2);
        }
    }

    [Fact]
    public void Step_ReadsEachSideInItsOwnWay_WhereTheEncoderDoes()
    {
        using var scope = NewDisposeScope();
        var loss = new InfoNce(0.05);
        using var encoder = StaticEncoder.Create(50, new StaticEncoderOptions { Dimensions = 8, QuerySide = QuerySide.Table }, 3);
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();
        var value = loss.Compute(known with
        {
            Queries = new HeadOutputs { Dense = encoder.Forward(queries, TextRole.Query) },
            Passages = new HeadOutputs { Dense = encoder.Forward(passages, TextRole.Passage) },
        }).Total;
        value.backward();
        var expected = CachingCase.TakeGradients(encoder);
        var result = CachingCase.Cache(encoder, loss, 4).Step(queries, passages, known, CachingCase.Request(4));
        Assert.Equal(value.ToDouble(), result.Loss, 1e-6);
        Assert.InRange(CachingCase.Compare(expected, CachingCase.TakeGradients(encoder)).Difference, 0, 1e-6);
        Assert.Equal((18, (long)(queries.Ids.Length + passages.Ids.Length)), (result.Texts, result.Tokens));
    }

    [Fact]
    public void Step_IsTheSameToTheBit_WhenItIsDoneAgain_AndOtherInAnotherStep()
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense);
        var (queries, passages) = CachingCase.Texts();
        var known = CachingCase.Known();
        var cache = CachingCase.Cache(encoder, new InfoNce(0.05), 3);
        cache.Step(queries, passages, known, CachingCase.Request(3));
        var first = CachingCase.TakeGradients(encoder);
        manual_seed(123);
        cache.Step(queries, passages, known, CachingCase.Request(3));
        Assert.Equal(first, CachingCase.TakeGradients(encoder));
        cache.Step(queries, passages, known, CachingCase.Request(3, step: 5));
        Assert.NotEqual(first, CachingCase.TakeGradients(encoder));
    }

    [Fact]
    public void AveragedGradientsOfMiniBatches_AreSomethingElse()
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense, dropout: 0);
        var loss = new InfoNce(0.05);
        var (queries, passages) = CachingCase.Texts();
        passages = passages.Slice(0, CachingCase.Rows);
        var known = new LossInputs { Queries = new HeadOutputs(), Passages = new HeadOutputs() };
        CachingCase.Cache(encoder, loss, 4).Step(queries, passages, known, CachingCase.Request(4));
        var whole = CachingCase.TakeGradients(encoder);
        for (var start = 0; start < CachingCase.Rows; start += 2)
        {
            (loss.Compute(LossInputs.Dense(encoder.Forward(queries.Slice(start, 2), TextRole.Query), encoder.Forward(passages.Slice(start, 2), TextRole.Passage))).Total / 3).backward();
        }

        // Each row has one negative instead of five: gradient accumulation is another loss.
        Assert.True(CachingCase.Compare(whole, CachingCase.TakeGradients(encoder)).Difference > 0.1);
    }

    [Fact]
    public void Step_LeavesGeneratorsAsTheyWere_AndNothingBehind()
    {
        using var encoder = CachingCase.Encoder(HeadSet.Dense | HeadSet.Sparse | HeadSet.MultiVector);
        var draws = new List<double>();
        var handles = new List<long>();
        foreach (var (miniBatch, keep) in new[] { (2, 0), (3, 2), (64, 0), (5, 100) })
        {
            using (var scope = NewDisposeScope())
            {
                var (queries, passages) = CachingCase.Texts();
                var known = CachingCase.Known();
                manual_seed(77);
                CachingCase.Cache(encoder, CachingCase.Losses["M3"], miniBatch, keep).Step(queries, passages, known, CachingCase.Request(miniBatch));
                draws.Add(rand(1).ToDouble());
                CachingCase.TakeGradients(encoder);
            }

            handles.Add(TorchCollection.SettledHandles());
        }

        using var again = NewDisposeScope();
        manual_seed(77);
        Assert.Equal([rand(1).ToDouble()], draws.Distinct());
        Assert.Single(handles.Distinct());
    }

    [Fact]
    public void Step_RefusesAColumnThatTheLossDoesNotUse_AndAnEncoderThatIsFrozen()
    {
        using var scope = NewDisposeScope();
        using var encoder = CachingCase.Encoder(HeadSet.Dense);
        var (queries, passages) = CachingCase.Texts();
        var unused = Assert.Throws<TrainerException>(() => CachingCase.Cache(encoder, new QueriesAlone(), 3).Step(queries, passages, CachingCase.Known(), CachingCase.Request(3)));
        Assert.Contains("passages' embeddings (Dense) no gradient", unused.Message, StringComparison.Ordinal);
        foreach (var (_, value) in encoder.Parameters)
        {
            value.requires_grad = false;
        }

        var frozen = Assert.Throws<TrainerException>(() => CachingCase.Cache(encoder, new InfoNce(), 3).Step(queries, passages, CachingCase.Known(), CachingCase.Request(3)));
        Assert.Contains("frozen", frozen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenLimit_CutsMiniBatches_AndFallsWithThem()
    {
        using var scope = NewDisposeScope();
        using var encoder = new CountingEncoder();
        var (queries, passages) = CachingCase.Texts();
        var cache = new GradCache(encoder, new InfoNce(), new GradientCacheOptions { MiniBatch = 8, MaxTokens = 20, KeepGraphs = 100 }, CPU);
        cache.Step(queries, passages, CachingCase.Known(), CachingCase.Request(8));
        Assert.All(encoder.Passes, p => Assert.True(p.Texts <= 8 && p.Tokens <= 20));
        Assert.Contains(encoder.Passes, p => p.Tokens > 10 && p.Texts > 1);
        encoder.Passes.Clear();
        cache.Step(queries, passages, CachingCase.Known(), CachingCase.Request(4));
        Assert.All(encoder.Passes, p => Assert.True(p.Texts == 1 || p.Tokens <= 10));
        Assert.Equal(18, encoder.Passes.Sum(p => p.Texts));
    }

    sealed class QueriesAlone : ILoss
    {
        public LossValue Compute(LossInputs inputs, RowRange rows) => new(inputs.Queries.Dense!.narrow(0, rows.Start, rows.Count).sum());
    }

    /// <summary>A table of vectors that notes what passes through.</summary>
    sealed class CountingEncoder : IEncoder
    {
        readonly StaticEncoder _inner = StaticEncoder.Create(50, new StaticEncoderOptions { Dimensions = 8, QuerySide = QuerySide.Shared }, 3);

        public List<(int Texts, int Tokens)> Passes { get; } = [];

        public string Type => _inner.Type;

        public bool SpecialTokens => false;

        public Precision Precision { get; set; }

        public int Dimensions => _inner.Dimensions;

        public IReadOnlyList<(string Name, TorchSharp.Modules.Parameter Value)> Parameters => _inner.Parameters;

        public bool Training { get; set; }

        public Tensor Forward(TokenBatch batch, TextRole role)
        {
            Passes.Add((batch.Count, batch.Ids.Length));
            return _inner.Forward(batch, role);
        }

        public void Dispose() => _inner.Dispose();
    }
}
