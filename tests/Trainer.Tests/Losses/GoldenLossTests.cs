using System.Text.Json;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Every case of the golden losses: value and gradients as the reference's own code computed them. Cached cases are taken in tiles of their mini-batch.</summary>
[Collection(TorchCollection.Name)]
public sealed class GoldenLossTests
{
    [Theory]
    [InlineData("mnrl-", 21)]
    [InlineData("cachedmnrl-", 2)]
    [InlineData("gist-", 13)]
    [InlineData("cached-gist-", 22)]
    [InlineData("matryoshka-", 5)]
    [InlineData("distillkl-", 3)]
    [InlineData("marginmse-", 3)]
    [InlineData("flag-distill-", 2)]
    [InlineData("flag-dense-", 6)]
    [InlineData("m3-unified-", 7)]
    [InlineData("maxsim-", 6)]
    public void Losses_EqualTheReference_InValueAndGradients(string family, int count)
    {
        PythonTorch.RequireTorch();
        var names = File.ReadLines(Fixture.Shared("golden/losses.jsonl")).Select(NameOf).Where(n => n.StartsWith(family, StringComparison.Ordinal)).ToList();
        Assert.Equal(count, names.Count);
        foreach (var name in names)
        {
            using var scope = NewDisposeScope();
            var golden = GoldenLosses.Read(name);
            if (family == "m3-unified-")
            {
                CheckUnified(golden, name);
            }
            else if (family == "maxsim-")
            {
                CheckLateInteraction(golden, name);
            }
            else
            {
                Check(golden, name, Batch(golden, family), Loss(golden));
            }
        }
    }

    static string NameOf(string line)
    {
        var start = line.IndexOf("\"name\": \"", StringComparison.Ordinal) is var spaced and >= 0 ? spaced + 9 : line.IndexOf("\"name\":\"", StringComparison.Ordinal) + 8;
        return line[start..line.IndexOf('"', start)];
    }

    static void Check(GoldenLosses golden, string name, GoldenBatch batch, ILoss loss)
    {
        var tile = Number(golden, "mini_batch_size") is { } size ? (int)size : batch.Inputs.Count;
        var total = batch.Inputs.AllRows.Tiles(tile).Select(rows => loss.Compute(batch.Inputs, rows).Total).Aggregate((sum, next) => sum + next);
        total.backward();
        Assert.True(Math.Abs((total.ToDouble() / golden.Loss) - 1) <= 1e-5, $"{name}: expected {golden.Loss}, found {total.ToDouble()}");
        var sharp = name.Contains("scale100", StringComparison.Ordinal) || name.Contains("temp0.01", StringComparison.Ordinal);
        foreach (var (student, leaf) in batch.Leaves)
        {
            golden.CheckGradient(student, leaf, sharp ? 2e-5f : 1e-5f);
        }
    }

    static GoldenBatch Batch(GoldenLosses golden, string family)
    {
        var group = Number(golden, "group_size") is { } size ? (int)size : 0;
        var batch = family switch
        {
            "flag-distill-" => GoldenBatch.OfScores(golden, group),
            "flag-dense-" => GoldenBatch.OfGroups(golden, group),
            _ => GoldenBatch.OfColumns(golden),
        };
        if (family != "marginmse-" || Teacher(golden) == TeacherForm.Scores)
        {
            return batch;
        }

        // Margins stand beside the positive's column, which nobody reads.
        var margins = batch.Inputs.TeacherScores!.view(batch.Inputs.Count, -1);
        var teacher = cat([full([batch.Inputs.Count, 1], double.NaN, float32), margins], 1);
        return new GoldenBatch { Leaves = batch.Leaves, Inputs = batch.Inputs with { TeacherScores = teacher } };
    }

    static ILoss Loss(GoldenLosses golden)
    {
        var p = golden.Parameters;
        var (kind, inner) = (Text(p, "loss"), Text(p, "inner"));
        if (kind == "MatryoshkaLoss")
        {
            return new Matryoshka(
                inner.Contains("GIST", StringComparison.Ordinal) ? Guided(p) : new InfoNce(1 / p.GetProperty("scale").GetDouble()),
                Numbers(p, "dims").Select(d => (int)d).ToArray(),
                Numbers(p, "weights"));
        }

        return kind switch
        {
            "GISTEmbedLoss" or "CachedGISTEmbedLoss" => Guided(p),
            "DistillKLDivLoss" => new OwnCandidates(new DenseScorer(Similarity.Dot), new KlDivergence(p.GetProperty("student_temperature").GetDouble(), p.GetProperty("teacher_temperature").GetDouble())),
            "MarginMSELoss" => new OwnCandidates(new DenseScorer(Similarity.Dot), new MarginMse(Teacher(golden))),
            "AbsEmbedderModel.distill_loss" => new FlagDistillation(new GivenScores(3, Form(p) == DistillationForm.KlDiv), 1, Form(p), inBatch: Form(p) == DistillationForm.M3, contrastiveWeight: 0),
            "BiEncoderOnlyEmbedderModel.forward" => Flag(p),
            _ => Ranked(p),
        };
    }

    static ILoss Flag(JsonElement p)
    {
        var form = p.GetProperty("teacher").GetBoolean() ? Form(p) : DistillationForm.None;
        var loss = new FlagDistillation(new DenseScorer(Similarity.Cos), p.GetProperty("temperature").GetDouble(), form, !p.GetProperty("no_in_batch_neg").GetBoolean());
        var dims = p.GetProperty("mrl_dims");
        return dims.ValueKind == JsonValueKind.Null ? loss : new Matryoshka(loss, Numbers(p, "mrl_dims").Select(d => (int)d).ToArray(), Numbers(p, "mrl_dims").Select(_ => 1.0 / dims.GetArrayLength()).ToArray());
    }

    static Gist Guided(JsonElement p) => new(p.GetProperty("temperature").GetDouble())
    {
        Margin = p.GetProperty("margin").GetDouble(),
        MarginKind = Text(p, "margin_strategy") == "relative" ? MarginKind.Relative : MarginKind.Absolute,
        ContrastAnchors = p.GetProperty("contrast_anchors").GetBoolean(),
        ContrastPositives = p.GetProperty("contrast_positives").GetBoolean(),
    };

    static InfoNce Ranked(JsonElement p) => new(1 / p.GetProperty("scale").GetDouble())
    {
        Directions = [.. p.GetProperty("directions").EnumerateArray().Select(d => d.GetString() switch
        {
            "query_to_doc" => Direction.QueryDoc,
            "doc_to_query" => Direction.DocQuery,
            "query_to_query" => Direction.QueryQuery,
            _ => Direction.DocDoc,
        })],
        Partition = Text(p, "partition_mode") == "per_direction" ? Partition.PerDirection : Partition.Joint,
        Similarity = Text(p, "similarity") == "dot_score" ? Similarity.Dot : Similarity.Cos,
        Hardness = Text(p, "hardness_mode") switch
        {
            "in_batch_negatives" => Hardness.InBatch,
            "hard_negatives" => Hardness.Hard,
            "all_negatives" => Hardness.All,
            _ => Hardness.None,
        },
        HardnessStrength = p.TryGetProperty("hardness_strength", out var strength) ? strength.GetDouble() : 0,
    };

    static void CheckUnified(GoldenLosses golden, string name)
    {
        var folder = Directory.CreateTempSubdirectory("m3-losses-").FullName;
        try
        {
            var p = golden.Parameters;
            using var heads = M3GoldenTests.Heads(golden, folder);
            var batch = GoldenBatch.OfHeads(golden, p.GetProperty("group_size").GetInt32(), heads);
            Check(golden, name, batch, new M3Unified(p.GetProperty("temperature").GetDouble())
            {
                Similarity = p.GetProperty("normalize_embeddings").GetBoolean() ? Similarity.Cos : Similarity.Dot,
                Convention = MaxSimConvention.FlagEmbedding,
                Distillation = golden.Has("teacher_scores") ? Form(p) : DistillationForm.None,
                SelfDistillation = p.GetProperty("use_self_distill").GetBoolean(),
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void CheckLateInteraction(GoldenLosses golden, string name)
    {
        var (queries, documents) = (golden.Floats("queries", train: true), golden.Floats("documents", train: true));
        var convention = name switch
        {
            "maxsim-st-mean" => MaxSimConvention.SentenceTransformersMean,
            _ when name.StartsWith("maxsim-st", StringComparison.Ordinal) => MaxSimConvention.SentenceTransformers,
            _ => MaxSimConvention.PyLate,
        };
        var weights = golden.Floats("score_weights");
        var inputs = new LossInputs
        {
            Queries = new HeadOutputs { MultiVector = MaxSimTests.Packed(golden, "query_mask", queries) },
            Passages = new HeadOutputs { MultiVector = MaxSimTests.Packed(golden, "document_mask", documents) },
            Own = documents.ndim == 4 ? arange(weights.numel(), ScalarType.Int64).view(weights.shape) : null,
        };
        var scorer = new LateInteractionScorer(Similarity.Dot, convention);
        var total = inputs.AllRows.Tiles(2).Select(rows => ((inputs.Own is null ? scorer.All(inputs, rows) : scorer.Own(inputs, rows)) * weights.narrow(0, rows.Start, rows.Count)).sum()).Aggregate((sum, next) => sum + next);
        total.backward();

        // The sum of weighted scores is near 0 in one case: what is left of terms about 1 is exact to their last digits.
        Assert.True(Math.Abs(total.ToDouble() - golden.Loss) <= Math.Max(1e-5 * Math.Abs(golden.Loss), 1e-6), $"{name}: expected {golden.Loss}, found {total.ToDouble()}");
        golden.CheckGradient("queries", queries, 1e-5f);
        golden.CheckGradient("documents", documents, 1e-5f);
    }

    static DistillationForm Form(JsonElement p) => Text(p, "kd_loss_type") == "kl_div" ? DistillationForm.KlDiv : DistillationForm.M3;

    static TeacherForm Teacher(GoldenLosses golden) => Text(golden.Parameters, "labels").StartsWith("(B,1+N)", StringComparison.Ordinal) ? TeacherForm.Scores : TeacherForm.Margins;

    static string Text(JsonElement p, string name) => p.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    static double? Number(GoldenLosses golden, string name) => golden.Parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    static double[] Numbers(JsonElement p, string name) => [.. p.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
}
