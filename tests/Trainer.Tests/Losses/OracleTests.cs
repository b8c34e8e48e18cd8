using System.Text.Json;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Losses that no golden case has, against their published formulas in PyTorch (losses.py): values and gradients, 64 bits.</summary>
[Collection(TorchCollection.Name)]
public sealed class OracleTests
{
    const int Rows = 4;
    const int Group = 3;

    static readonly long[] lengthsOfQueries = [2, 3, 1, 2];
    static readonly long[] lengthsOfPassages = [1, 3, 2, 4, 2, 1, 3, 2, 2, 4, 1, 2];

    static readonly Lazy<SortedDictionary<string, (double[] Values, long[] Shape)>> inputs = new(Draw);
    static readonly Lazy<JsonElement> expected = new(Run);

    [Theory]
    [InlineData("simlm")]
    [InlineData("simlm-qk")]
    [InlineData("simlm-distillation")]
    [InlineData("simlm-distillation-unmasked")]
    [InlineData("rocketqa")]
    [InlineData("rocketqav2")]
    [InlineData("dual-reg")]
    [InlineData("colbert")]
    [InlineData("colbert-distillation")]
    [InlineData("sparse")]
    [InlineData("self-guide")]
    public void Losses_EqualTheirFormula(string name)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        var leaves = Leaves(name);
        var batch = Batch(leaves);
        var total = batch.AllRows.Tiles(3).Select(rows => Loss(name).Compute(batch, rows).Total).Aggregate((sum, next) => sum + next);
        total.backward();
        Check(name, total, leaves);
    }

    [Theory]
    [InlineData("listwise")]
    [InlineData("pointwise")]
    [InlineData("pointwise-soft")]
    [InlineData("r-drop")]
    public void ScoreLosses_EqualTheirFormula(string name)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        var leaves = Leaves(name);
        IScoreLoss loss = name switch
        {
            "listwise" => new ListwiseCrossEntropy(0.5),
            "pointwise" => new PointwiseCrossEntropy(2),
            "pointwise-soft" => new PointwiseCrossEntropy(soft: true),
            _ => new RDrop(0.5),
        };
        Tensor? total = null;
        foreach (var rows in new RowRange(0, Rows).Tiles(3))
        {
            var share = loss.Compute(
                new ScoreInputs
                {
                    Scores = leaves["ce"].narrow(0, rows.Start, rows.Count),
                    ScoresAgain = leaves.GetValueOrDefault("ce2")?.narrow(0, rows.Start, rows.Count),
                    Count = Rows,
                    Absent = Fixed("absent").ne(0),
                    Teacher = Fixed("teacher").sigmoid(),
                },
                rows).Total;
            total = total is null ? share : total + share;
        }

        total!.backward();
        Check(name, total, leaves);
    }

    [Theory]
    [InlineData("cascade", true)]
    [InlineData("cascade-through", false)]
    public void Cascade_EqualsItsFormula(string name, bool stop)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        var leaves = Leaves(name);
        var loss = new CascadeLoss(new CascadeOptions
        {
            LateWeight = 0.5,
            DualWeight = 2,
            CrossToLate = new CascadeArrow { StopGradient = stop },
            LateToDual = new CascadeArrow { Weight = 0.3, Temperature = 2, StopGradient = stop },
            CrossToDual = new CascadeArrow { Weight = 0.7, StopGradient = stop },
            Attention = new CascadeArrow { Weight = 0.9, StopGradient = stop },
        });

        // Two halves of the batch, each with the attention of one pair.
        var total = zeros([], float64);
        var parts = 0.0;
        foreach (var (half, rows) in new RowRange(0, Rows).Tiles(2).Index())
        {
            var value = loss.Compute(new CascadeInputs
            {
                Cross = Half("ce"),
                Late = Half("li"),
                Dual = Half("de"),
                Count = Rows,
                Absent = Fixed("absent").ne(0).narrow(0, rows.Start, rows.Count),
                CrossAttention = leaves["attention"].narrow(0, half, 1),
                LateSimilarities = leaves["similar"].narrow(0, half, 1),
                AttentionMask = Fixed("token_mask").ne(0).narrow(0, half, 1),
                AttentionPairs = 2,
            });
            total += value.Total;
            parts += value.Parts.Zip([1, 0.5, 2, 1, 0.3, 0.7, 0.9], (p, weight) => p.Value.ToDouble() * weight).Sum();

            Tensor Half(string side) => leaves[side].narrow(0, rows.Start, rows.Count);
        }

        total.backward();
        Check(name, total, leaves);
        Assert.Equal(total.ToDouble(), parts, 1e-9);
    }

    [Fact]
    public void Cascade_TakesCandidatesWithoutATeachersScoreForAbsent_InWhatTheCrossEncoderTeaches()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var loss = new CascadeLoss(new CascadeOptions { CrossWeight = 0 });
        var some = new CascadeInputs { Cross = Fixed("ce"), Late = Fixed("li").requires_grad_(), Dual = Fixed("de").requires_grad_(), Count = Rows, Absent = Fixed("absent").ne(0) };
        var lacking = Fixed("ce");
        lacking[0].narrow(0, 2, 1).fill_(double.NaN);
        lacking[3].fill_(double.NaN);

        var value = loss.Compute(some with { Cross = lacking });
        value.Total.backward();

        var left = loss.Compute(some with { Absent = lacking.isnan().logical_or(some.Absent!) });
        Assert.Equal(Part(left, "cross_to_late"), Part(value, "cross_to_late"), 1e-12);
        Assert.Equal(Part(left, "cross_to_dual"), Part(value, "cross_to_dual"), 1e-12);
        Assert.Equal(Part(loss.Compute(some), "late"), Part(value, "late"), 1e-12);
        Assert.NotEqual(Part(loss.Compute(some), "cross_to_late"), Part(value, "cross_to_late"), 1e-6);
        Assert.All(some.Late.grad!.data<double>().ToArray(), g => Assert.True(double.IsFinite(g)));

        static double Part(LossValue value, string name) => value.Parts.Single(p => p.Name == name).Value.ToDouble();
    }

    static ILoss Loss(string name) => name switch
    {
        "simlm" => new SimLm(0.05),
        "simlm-qk" => new SimLm(0.05, allPairs: false),
        "simlm-distillation" => new SimLmDistillation(new SimLm(0.1)),
        "simlm-distillation-unmasked" => new SimLmDistillation(new SimLm(0.1), 1, maskHardNegatives: false),
        "rocketqa" => LossTable.Create(new LossOptions { Kind = LossKind.Rocketqa }),
        "rocketqav2" => LossTable.Create(new LossOptions { Kind = LossKind.Rocketqav2 }),
        "dual-reg" => new DualReg(alpha: 0.7),
        "colbert" => LossTable.Create(new LossOptions { Kind = LossKind.Colbert, Temperature = 0.5 }),
        "colbert-distillation" => LossTable.Create(new LossOptions { Kind = LossKind.ColbertDistillation }),
        "sparse" => LossTable.Create(new LossOptions { Kind = LossKind.Sparse, Temperature = 0.8, FlopsQueries = 0.5, FlopsPassages = 0.3 }),
        _ => LossTable.Create(new LossOptions { Kind = LossKind.Gist, Temperature = 0.05, SelfGuide = true }),
    };

    static LossInputs Batch(SortedDictionary<string, Tensor> leaves) => new()
    {
        Queries = Side(leaves, "q", lengthsOfQueries),
        QueriesAgain = leaves.TryGetValue("again", out var again) ? new HeadOutputs { Dense = again } : null,
        Passages = Side(leaves, "p", lengthsOfPassages),
        Own = GoldenBatch.Own(Rows, Group),
        TeacherScores = Fixed("teacher"),
    };

    static HeadOutputs Side(SortedDictionary<string, Tensor> leaves, string side, long[] lengths) => new()
    {
        Dense = leaves.GetValueOrDefault(side),
        Sparse = leaves.TryGetValue(side + "s", out var weights) ? Packed(weights, inputs.Value[side + "s"].Values) : null,
        MultiVector = leaves.TryGetValue(side + "t", out var vectors) ? new MultiVectors(vectors, [.. lengths.Select((_, i) => lengths.Take(i).Sum())]) : null,
    };

    // The weights above 0 of a whole matrix, text by text.
    static SparseVectors Packed(Tensor matrix, double[] values)
    {
        var (width, places) = ((int)matrix.shape[1], Enumerable.Range(0, values.Length).Where(i => values[i] > 0).Select(i => (long)i).ToArray());
        return new SparseVectors(
            matrix.flatten().index_select(0, tensor(places)), [.. places.Select(i => i % width)], [.. Enumerable.Range(0, (int)matrix.shape[0]).Select(t => (long)places.Count(i => i < t * width))]);
    }

    static SortedDictionary<string, Tensor> Leaves(string name)
    {
        var leaves = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var leaf in expected.Value.GetProperty(name).GetProperty("grads").EnumerateObject())
        {
            leaves[leaf.Name] = Fixed(leaf.Name).requires_grad_();
        }

        return leaves;
    }

    static Tensor Fixed(string name) => tensor(inputs.Value[name].Values, inputs.Value[name].Shape);

    static void Check(string name, Tensor total, SortedDictionary<string, Tensor> leaves)
    {
        var wanted = expected.Value.GetProperty(name);
        Assert.Equal(wanted.GetProperty("loss").GetDouble(), total.ToDouble(), 1e-9);
        foreach (var (leaf, value) in leaves)
        {
            var gradient = wanted.GetProperty("grads").GetProperty(leaf).EnumerateArray().Select(v => v.GetDouble()).ToArray();
            using var found = value.grad ?? zeros_like(value);
            LossContract.Near([gradient], [found.contiguous().data<double>().ToArray()], 1e-8);
        }
    }

    static SortedDictionary<string, (double[] Values, long[] Shape)> Draw()
    {
        random.manual_seed(29);
        var all = new SortedDictionary<string, (double[] Values, long[] Shape)>(StringComparer.Ordinal);
        Add("q", Rows, 5);
        Add("again", Rows, 5);
        Add("p", Rows * Group, 5);
        Add("qs", Rows, 7);
        Add("ps", Rows * Group, 7);
        Add("qt", lengthsOfQueries.Sum(), 4);
        Add("pt", lengthsOfPassages.Sum(), 4);
        foreach (var scores in new[] { "ce", "ce2", "li", "de", "teacher" })
        {
            Add(scores, Rows, Group);
        }

        Add("attention", 2, 3, 4);
        Add("similar", 2, 3, 4);
        all["attention"] = ([.. all["attention"].Values.Select(v => Math.Abs(v) + 0.01)], all["attention"].Shape);
        all["absent"] = ([0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0], [Rows, Group]);
        all["token_mask"] = ([1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 3, 4]);
        return all;

        void Add(string name, params long[] shape)
        {
            using var values = randn(shape, float64);
            all[name] = (values.data<double>().ToArray(), shape);
        }
    }

    static JsonElement Run()
    {
        using var python = new PythonTorch();
        var given = inputs.Value.ToDictionary(i => i.Key, i => Nested(i.Value.Values, i.Value.Shape), StringComparer.Ordinal);
        given["lengths_q"] = lengthsOfQueries;
        given["lengths_p"] = lengthsOfPassages;
        File.WriteAllText(Path.Combine(python.Folder, "in.json"), JsonSerializer.Serialize(given));
        python.Run(Path.Combine(AppContext.BaseDirectory, "Losses", "losses.py"));
        return JsonDocument.Parse(File.ReadAllText(Path.Combine(python.Folder, "out.json"))).RootElement;
    }

    static object Nested(double[] values, long[] shape)
    {
        if (shape.Length == 1)
        {
            return values;
        }

        var size = values.Length / (int)shape[0];
        return Enumerable.Range(0, (int)shape[0]).Select(i => Nested(values[(i * size)..((i + 1) * size)], shape[1..])).ToArray();
    }
}
