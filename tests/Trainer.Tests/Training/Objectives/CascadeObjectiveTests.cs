using System.Text.Json;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Objectives;

/// <summary>ERNIE-Search's cascade against the same models and terms in python3-torch, text by text.</summary>
[Collection(TorchCollection.Name)]
public sealed class CascadeObjectiveTests
{
    const int LateWidth = 12, MaxLength = 20;

    static readonly StepRequest Request = new(1, 9, 9, 2, [3, 0, 7, 1, 2, 9], 64);

    // All terms alike, as in the paper; and each term with a weight, a temperature and a gradient of its own.
    static readonly CascadeObjectiveOptions Paper = new() { Negatives = 4, MaxLength = MaxLength };
    static readonly CascadeObjectiveOptions Own = new()
    {
        Negatives = 3,
        MaxLength = MaxLength,
        Terms = new CascadeOptions
        {
            CrossWeight = 0.5,
            LateWeight = 1.5,
            DualWeight = 2,
            CrossToLate = new CascadeArrow { Weight = 3, Temperature = 2, StopGradient = false },
            LateToDual = new CascadeArrow { Weight = 0.7, Temperature = 0.5, StopGradient = false },
            CrossToDual = new CascadeArrow { Weight = 0.3, Temperature = 1.5 },
            Attention = new CascadeArrow { Weight = 4, Temperature = 0.4, StopGradient = false },
        },
        LateTemperature = 0.5,
        DualTemperature = 0.1,
        DualCosine = true,
        LateConvention = MaxSimConvention.SentenceTransformersMean,
    };

    static readonly CascadeOptions NoAttention = new() { Attention = new CascadeArrow { Weight = 0 } };

    public CascadeObjectiveTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void Backward_EqualsPython_InAllTermsAndGradients(bool own, bool shared, bool precomputed)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        var options = precomputed ? Paper with { Precomputed = true, Terms = NoAttention } : (own ? Own : Paper) with { SharedWeights = shared };
        using var encoder = Encoder(0);
        using var cross = precomputed ? null : Cross(encoder, shared, 0);
        var set = ObjectiveModels.Rows(12, specialTokens: true, teacher: true);
        using var objective = new CascadeObjective(encoder, cross, ObjectiveModels.Tokenizer(), set, options);
        Write(python, objective, encoder, set, options);

        var result = objective.Backward(Request);

        python.Run(Path.Combine(AppContext.BaseDirectory, "Training", "Objectives", "cascade_step.py"));
        var parts = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(Path.Combine(python.Folder, "parts.json")))!;
        Assert.Equal(parts.Keys.Order(), result.Parts.Select(p => p.Name).Order());
        Assert.All(result.Parts, p => Assert.Equal(1, p.Value / parts[p.Name], 1e-4));
        Assert.Equal(1, result.Loss / python.Read<double>("loss")[0], 1e-5);
        var found = objective.Parameters.ToDictionary(p => PythonName(p.Name), p => p.Value.grad?.data<float>().ToArray() ?? new float[p.Value.numel()]);
        var (gradients, at) = (python.Read<float>("gradients"), 0);
        var names = File.ReadAllLines(Path.Combine(python.Folder, "names"));
        Assert.Equal(names.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            var values = found[name];
            var distance = ObjectiveModels.Distance([values], [gradients[at..(at + values.Length)]]);
            Assert.True(distance < 1e-4 || values.All(v => Math.Abs(v) < 1e-5), $"{name}: {distance}");
            at += values.Length;
        }
    }

    [Fact]
    public void Backward_GivesTheSameGradients_WhateverGoesThroughAtOnce()
    {
        using var encoder = Encoder(0);
        using var cross = Cross(encoder, false, 0);
        using var objective = new CascadeObjective(encoder, cross, ObjectiveModels.Tokenizer(), ObjectiveModels.Rows(12, specialTokens: true), Own);
        var whole = objective.Backward(Request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        foreach (var size in new[] { 1, 7 })
        {
            var result = objective.Backward(Request with { MiniBatch = size });
            Assert.Equal(1, result.Loss / whole.Loss, 1e-6);
            Assert.Equal((whole.Texts, whole.Tokens), (result.Texts, result.Tokens));
            Assert.InRange(ObjectiveModels.Distance(ObjectiveModels.TakeGradients(objective.Parameters), expected), 0, 1e-6);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_RepeatsItsBits_WithDropout_AndLeavesNothingBehind(bool shared)
    {
        using var encoder = Encoder(0.1);
        using var cross = Cross(encoder, shared, 0.1);
        using var objective = new CascadeObjective(encoder, cross, ObjectiveModels.Tokenizer(), ObjectiveModels.Rows(12, specialTokens: true), Paper with { SharedWeights = shared });
        Assert.Equal(objective.Parameters.Count, objective.Parameters.Select(p => p.Name).Distinct().Count());
        Assert.Equal(shared ? 4 : cross.Parameters.Count, objective.Parameters.Count - encoder.Parameters.Count);
        var request = Request with { MiniBatch = 7 };
        var first = objective.Backward(request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        _ = objective.Backward(request);
        var handles = TorchCollection.SettledHandles();
        random.manual_seed(99);
        _ = objective.Backward(request);
        Assert.Equal(handles, TorchCollection.SettledHandles());
        _ = ObjectiveModels.TakeGradients(objective.Parameters);
        Assert.Equal(first.Loss, objective.Backward(request).Loss);
        Assert.Equal(expected, ObjectiveModels.TakeGradients(objective.Parameters));
    }

    [Fact]
    public void Shares_AddUpToTheBatch()
    {
        using var encoder = Encoder(0);
        using var cross = Cross(encoder, false, 0);
        var (set, tokenizer) = (ObjectiveModels.Rows(12, specialTokens: true), ObjectiveModels.Tokenizer());
        using var objective = new CascadeObjective(encoder, cross, tokenizer, set, Own);
        var whole = objective.Backward(Request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        var (loss, parts) = (0.0, new Dictionary<string, double>());
        for (var rank = 0; rank < 4; rank++)
        {
            using var part = new CascadeObjective(encoder, cross, tokenizer, set, Own) { Share = (rank, 4) };
            var result = part.Backward(Request);
            loss += result.Loss;
            foreach (var (name, value) in result.Parts)
            {
                parts[name] = parts.GetValueOrDefault(name) + value;
            }
        }

        Assert.Equal(1, loss / whole.Loss, 1e-6);
        Assert.All(whole.Parts, p => Assert.Equal(p.Value, parts[p.Name], 1e-4));
        Assert.InRange(ObjectiveModels.Distance(ObjectiveModels.TakeGradients(objective.Parameters), expected), 0, 2e-6);
    }

    [Fact]
    public void Backward_LeavesTheOtherTermsAsTheyAre_WithoutTheAttentionTerm()
    {
        using var encoder = Encoder(0);
        using var cross = Cross(encoder, false, 0);
        var (set, tokenizer) = (ObjectiveModels.Rows(12, specialTokens: true), ObjectiveModels.Tokenizer());
        using var with = new CascadeObjective(encoder, cross, tokenizer, set, Paper);
        using var without = new CascadeObjective(encoder, cross, tokenizer, set, Paper with { Terms = NoAttention });
        var (all, rest) = (with.Backward(Request), without.Backward(Request));
        Assert.Equal(all.Loss - all.Parts.Single(p => p.Name == "attention").Value, rest.Loss, 1e-4);
        Assert.Equal(all.Parts.Count - 1, rest.Parts.Count);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public void ForwardWithLastInput_GivesWhatTheFormWithPaddingGives_InStatesAndGradients(int width)
    {
        // Width 32 goes through the layers that are one node of the graph, width 16 through libtorch's operations.
        using var scope = NewDisposeScope();
        using var encoder = TransformerEncoder.Create(ObjectiveModels.Config() with { HiddenSize = width }, 3);
        var batch = ObjectiveModels.Texts(5, 4).Gather([0, 1, 2, 3, 4]);
        var (states, input) = encoder.ForwardWithLastInput(batch);
        var (ids, mask) = PaddedBatch.From(batch, 0).ToTensors(CPU);
        var padded = encoder.States(ids, mask);
        var (shown, weights) = (mask.unsqueeze(2).to(float32), randn(5, states.Width, width));
        Loss(input.Padded(), states.Padded()).backward();
        var found = ObjectiveModels.TakeGradients(encoder.Parameters);
        var loss = Loss(padded[^2], padded[^1]);
        loss.backward();

        Assert.Equal(loss.ToDouble(), Loss(input.Padded(), states.Padded()).ToDouble(), 1e-3);
        Assert.InRange(ObjectiveModels.Distance(found, ObjectiveModels.TakeGradients(encoder.Parameters)), 0, 1e-5);

        Tensor Loss(Tensor before, Tensor last) => (((before * 2) + last.square()) * weights * shown).sum();
    }

    [Fact]
    public void Options_AreRefused_WhereTheyContradict()
    {
        using var encoder = Encoder(0);
        using var cross = Cross(encoder, false, 0);
        var (set, tokenizer) = (ObjectiveModels.Rows(12, specialTokens: true), ObjectiveModels.Tokenizer());
        string Fault(IEncoder model, CrossEncoder? teacher, CascadeObjectiveOptions options) =>
            Assert.Throws<TrainerException>(() => new CascadeObjective(model, teacher, tokenizer, set, options).Backward(Request)).Message;

        Assert.Contains("there is no cross-encoder", Fault(encoder, null, Paper), StringComparison.Ordinal);
        Assert.Contains("attention: { weight: 0 }", Fault(encoder, null, Paper with { Precomputed = true }), StringComparison.Ordinal);
        Assert.Contains("none of the 12 rows", Fault(encoder, null, Paper with { Precomputed = true, Terms = NoAttention }), StringComparison.Ordinal);
        Assert.Contains("positions for max_length 64", Fault(encoder, cross, Paper with { MaxLength = 64 }), StringComparison.Ordinal);
        using var plain = new PooledTransformer(TransformerEncoder.Create(ObjectiveModels.Config(), 3), PoolingMode.Cls);
        Assert.Contains("colbert_linear", Fault(plain, cross, Paper), StringComparison.Ordinal);
    }

    static MultiHeadTransformer Encoder(double dropout) => new(
        TransformerEncoder.Create(ObjectiveModels.Config(dropout: dropout), 3),
        new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = false, MultiVector = MultiVectorHead.Create(16, LateWidth, 4) });

    static CrossEncoder Cross(MultiHeadTransformer encoder, bool shared, double dropout) =>
        shared ? CrossEncoder.Over(encoder.Transformer, 8) : CrossEncoder.Create(ObjectiveModels.Config(dropout: dropout), 8);

    static string PythonName(string name) => !name.StartsWith("cross_encoder.", StringComparison.Ordinal)
        ? name.StartsWith("colbert", StringComparison.Ordinal) ? name : "encoder." + name
        : "cross." + name["cross_encoder.".Length..].Replace("bert.pooler.dense", "pooler", StringComparison.Ordinal);

    static void Write(PythonTorch python, CascadeObjective objective, MultiHeadTransformer encoder, TrainingSet set, CascadeObjectiveOptions options)
    {
        TransformerConfigWriter.Write(encoder.Transformer.Config, Path.Combine(python.Folder, "config.json"), "BertModel");
        SafetensorsWriter.Write(
            Path.Combine(python.Folder, "model.safetensors"), objective.Parameters.Select(p => SafetensorsTensor.Floats(PythonName(p.Name), p.Value.shape, p.Value.data<float>().ToArray())));
        var tokenizer = ObjectiveModels.Tokenizer();
        var rows = Request.Rows.Select(index =>
        {
            var row = set.Rows[index];
            int[] drawn = [0, .. Sample.Take([.. Enumerable.Range(1, row.Negatives.Length)], options.Negatives, Request.Seed, $"negatives:{Request.Epoch}:{index}")];
            var candidates = Array.ConvertAll(drawn, p => p == 0 ? row.Positive : row.Negatives[p - 1]);
            return new
            {
                teacher = Array.ConvertAll(drawn, p => row.Scores?[p] is { } score && !float.IsNaN(score) ? score : (float?)null),
                query = set.Queries[row.Query].ToArray(),
                passages = candidates.Select(c => set.Passages[c].ToArray()).ToArray(),
                pairs = candidates.Select(c => Pair(set.Queries[row.Query], set.Passages[c])).ToArray(),
            };
        }).ToArray();
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new
        {
            threads = 1,
            late_width = LateWidth,
            rows,
            o = new
            {
                precomputed = options.Precomputed,
                shared = options.SharedWeights,
                mean = options.LateConvention == MaxSimConvention.SentenceTransformersMean,
                cosine = options.DualCosine,
                late_t = options.LateTemperature,
                dual_t = options.DualTemperature,
                cross = options.Terms.CrossWeight,
                late = options.Terms.LateWeight,
                dual = options.Terms.DualWeight,
                cross_to_late = Arrow(options.Terms.CrossToLate),
                late_to_dual = Arrow(options.Terms.LateToDual),
                cross_to_dual = Arrow(options.Terms.CrossToDual),
                attention = Arrow(options.Terms.Attention),
            },
        }));

        // The words of both texts, found in the pair by its separators.
        object Pair(ReadOnlySpan<int> query, ReadOnlySpan<int> passage)
        {
            var pair = tokenizer.EncodePair(Text(query), Text(passage), MaxLength);
            var middle = Array.IndexOf(pair.Ids, 3);
            return new { ids = pair.Ids, types = pair.TypeIds, first = middle - 1, start = middle + 1, second = pair.Ids.Length - middle - 2 };
        }

        static object Arrow(CascadeArrow arrow) => new { weight = arrow.Weight, t = arrow.Temperature, stop = arrow.StopGradient };

        static string Text(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray().Where(id => id > 4).Select(id => $"w{id}"));
    }
}
