using System.Text.Json;
using DataPrep.Text;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Objectives;

/// <summary>Training of cross-encoders against the same losses in python3-torch, and what a step must be: repeatable, and the same whatever goes through the encoder at once.</summary>
[Collection(TorchCollection.Name)]
public sealed class CrossEncoderObjectiveTests
{
    static readonly StepRequest Request = new(1, 9, 9, 2, [3, 0, 7, 1, 2, 9], 64);

    public CrossEncoderObjectiveTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(CrossEncoderLabels.PointWise, 0.5, 0)]
    [InlineData(CrossEncoderLabels.ListWise, 0.2, 3)]
    public void Backward_EqualsPython_InLossAndGradients(CrossEncoderLabels labels, double weight, double distill)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3);
        encoder.Save(python.Folder);
        var set = ObjectiveModels.Rows(12, specialTokens: true, teacher: true);
        var options = new CrossEncoderOptions { Negatives = 3, MaxLength = 18, Labels = labels, LabelWeight = weight, DistillWeight = distill, DistillTemperature = 2 };
        var lists = Write(python, encoder, set, options);
        using var objective = new CrossEncoderObjective(encoder, ObjectiveModels.Tokenizer(), set, options);

        var result = objective.Backward(Request);

        python.Run(Path.Combine(AppContext.BaseDirectory, "Training", "Objectives", "cross_encoder_step.py"));
        Assert.Equal(python.Read<double>("loss")[0], result.Loss, 1e-5);
        Assert.Equal(lists.Sum(), result.Texts);
        Assert.True(lists.Distinct().Count() > 2);
        Assert.Equal(File.ReadAllLines(Path.Combine(python.Folder, "names")), objective.Parameters.Select(p => p.Name));
        var (gradients, at) = (python.Read<float>("gradients"), 0);
        foreach (var (name, value) in objective.Parameters)
        {
            var found = value.grad!.data<float>().ToArray();
            Assert.True(ObjectiveModels.Distance([found], [gradients[at..(at + found.Length)]]) < 1e-4 || found.All(v => Math.Abs(v) < 1e-6), name);
            at += found.Length;
        }
    }

    [Theory]
    [InlineData(CrossEncoderLabels.ListWise, 0)]
    [InlineData(CrossEncoderLabels.PointWise, 0)]
    [InlineData(CrossEncoderLabels.ListWise, 1)]
    public void Backward_GivesTheSameGradients_WhateverGoesThroughAtOnce(CrossEncoderLabels labels, double rDrop)
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3);

        // Weighted, the gradients of positives and negatives do not nearly cancel, which would magnify the rounding.
        var options = new CrossEncoderOptions { Negatives = 4, Labels = labels, RDrop = rDrop, PositiveWeight = 8 };
        using var objective = new CrossEncoderObjective(encoder, ObjectiveModels.Tokenizer(), ObjectiveModels.Rows(12), options);
        var whole = objective.Backward(Request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        foreach (var size in new[] { 2, 6 })
        {
            var result = objective.Backward(Request with { MiniBatch = size });
            Assert.Equal(whole.Loss, result.Loss, 1e-6);
            Assert.Equal((whole.Texts, whole.Tokens), (result.Texts, result.Tokens));
            Assert.InRange(ObjectiveModels.Distance(ObjectiveModels.TakeGradients(objective.Parameters), expected), 0, 1e-6);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 0.7)]
    public void Backward_RepeatsItsBits_WithDropout_AndLeavesNothingBehind(int factor, double rDrop)
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(dropout: 0.1), 3);
        using var objective = new CrossEncoderObjective(encoder, ObjectiveModels.Tokenizer(), ObjectiveModels.Rows(12), new CrossEncoderOptions { Negatives = 4, ForwardFactor = factor, RDrop = rDrop });
        var request = Request with { MiniBatch = 3 };
        var first = objective.Backward(request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        _ = objective.Backward(request);
        var handles = TorchCollection.SettledHandles();
        random.manual_seed(99);
        _ = objective.Backward(request);
        Assert.Equal(handles, TorchCollection.SettledHandles());
        _ = ObjectiveModels.TakeGradients(objective.Parameters);
        var again = objective.Backward(request);
        Assert.Equal((first.Loss, first.Texts), (again.Loss, again.Texts));
        Assert.Equal(expected, ObjectiveModels.TakeGradients(objective.Parameters));

        // A replay draws the masks of the first pass: with its graph kept the same pairs give the same gradient.
        Assert.NotEqual(first.Loss, objective.Backward(request with { Step = 10 }).Loss);
    }

    [Fact]
    public void Replay_DrawsTheDropoutOfTheFirstPass()
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(dropout: 0.2), 3);
        var (set, tokenizer) = (ObjectiveModels.Rows(12), ObjectiveModels.Tokenizer());
        using var objective = new CrossEncoderObjective(encoder, tokenizer, set, new CrossEncoderOptions { Negatives = 4 });
        var result = objective.Backward(Request with { Rows = [1], MiniBatch = 2 });
        var found = ObjectiveModels.TakeGradients(objective.Parameters);

        // The five pairs of row 1 by hand, with the graphs of all three mini-batches kept.
        using var scope = NewDisposeScope();
        var pairs = Pairs(set, 1, 4, 48);
        var kept = Enumerable.Range(0, 3).Select(mini =>
        {
            random.manual_seed(Request.SeedOf("pairs", mini));
            return encoder.Forward(encoder.Batch(pairs.Skip(mini * 2).Take(2))).select(1, 0);
        }).ToArray();
        var loss = -cat(kept, 0).log_softmax(0)[0];
        loss.backward();
        Assert.Equal(loss.ToDouble(), result.Loss, 1e-6);
        Assert.InRange(ObjectiveModels.Distance(found, ObjectiveModels.TakeGradients(objective.Parameters)), 0, 1e-6);
    }

    [Fact]
    public void Shares_AddUpToTheBatch()
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3);
        var (set, tokenizer, options) = (ObjectiveModels.Rows(12, teacher: true), ObjectiveModels.Tokenizer(), new CrossEncoderOptions { Negatives = 4, ForwardFactor = 2, DistillWeight = 1 });
        using var objective = new CrossEncoderObjective(encoder, tokenizer, set, options);
        var whole = objective.Backward(Request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        var (loss, parts) = (0.0, new Dictionary<string, double>());
        for (var rank = 0; rank < 4; rank++)
        {
            using var part = new CrossEncoderObjective(encoder, tokenizer, set, options) { Share = (rank, 4) };
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
    public void ForwardFactor_TrainsOnThePositiveAndTheHighest()
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3);
        var (set, tokenizer) = (ObjectiveModels.Rows(12), ObjectiveModels.Tokenizer());
        using var objective = new CrossEncoderObjective(encoder, tokenizer, set, new CrossEncoderOptions { Negatives = 4, ForwardFactor = 2 });
        using var scope = NewDisposeScope();
        var result = objective.Backward(Request with { Rows = [1] });

        // Row 1 has four negatives: of five candidates two are trained on.
        var pairs = Pairs(set, 1, 4, 48);
        var scores = new PairScorer(encoder, tokenizer).Score(pairs, TestContext.Current.CancellationToken);
        var loss = Math.Log(1 + Math.Exp(scores[1..].Max() - scores[0]));
        Assert.Equal((4, 2), (set.Rows[1].Negatives.Length, result.Texts));
        Assert.Equal(loss, result.Loss, 1e-5);
    }

    [Fact]
    public void Training_PutsThePositivesFirst()
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(dropout: 0.1), 3);
        var (set, tokenizer) = (ObjectiveModels.Rows(12), ObjectiveModels.Tokenizer());
        using var objective = new CrossEncoderObjective(encoder, tokenizer, set, new CrossEncoderOptions { Negatives = 4, RDrop = 0.1 });
        using var optimizer = optim.AdamW([.. objective.Parameters.Select(p => p.Value)], 0.01);
        for (var step = 0; step < 60; step++)
        {
            optimizer.zero_grad();
            _ = objective.Backward(Request with { Step = step, MiniBatch = 16 });
            optimizer.step();
        }

        var scorer = new PairScorer(encoder, tokenizer);
        Assert.All(Request.Rows, row =>
        {
            var scores = scorer.Score(Pairs(set, row, 4, 48), TestContext.Current.CancellationToken);
            Assert.Equal(scores.Max(), scores[0]);
        });
    }

    [Fact]
    public void Options_AreRefused_WhereTheyContradict()
    {
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3);
        var (set, tokenizer) = (ObjectiveModels.Rows(12), ObjectiveModels.Tokenizer());
        string Fault(CrossEncoderOptions options) => Assert.Throws<TrainerException>(() => new CrossEncoderObjective(encoder, tokenizer, set, options).Backward(Request)).Message;

        Assert.Contains("learn nothing", Fault(new() { LabelWeight = 0 }), StringComparison.Ordinal);
        Assert.Contains("r_drop", Fault(new() { RDrop = 1, Labels = CrossEncoderLabels.PointWise }), StringComparison.Ordinal);
        Assert.Contains("48 positions", Fault(new() { MaxLength = 64 }), StringComparison.Ordinal);
        Assert.Contains("none of the 12 rows", Fault(new() { DistillWeight = 1 }), StringComparison.Ordinal);
        using var two = CrossEncoder.Create(ObjectiveModels.Config(), 3, labels: 2);
        Assert.Contains("2 labels", Assert.Throws<TrainerException>(() => new CrossEncoderObjective(two, tokenizer, set, new())).Message, StringComparison.Ordinal);
    }

    // The pairs of the request, padded; candidates as in the phases of an embedding model.
    static int[] Write(PythonTorch python, CrossEncoder encoder, TrainingSet set, CrossEncoderOptions options)
    {
        var (pairs, lists, teacher) = (new List<TokenPair>(), new List<int>(), new List<float>());
        foreach (var index in Request.Rows)
        {
            var own = Pairs(set, index, options.Negatives, 18, teacher);
            lists.Add(own.Count);
            pairs.AddRange(own);
        }

        var padded = PaddedBatch.From(encoder.Batch(pairs), encoder.Config.PadTokenId);
        python.Write<long>("ids", padded.Ids);
        python.Write<long>("mask", Enumerable.Range(0, padded.Ids.Length).Select(i => i % padded.Width < padded.Lengths[i / padded.Width] ? 1L : 0L).ToArray());
        python.Write<long>("types", padded.Types!);
        python.Write<float>("target", new float[pairs.Count]);
        python.Write<float>("teacher", [.. teacher]);
        var (listwise, pointwise) = options.Labels == CrossEncoderLabels.ListWise ? (options.LabelWeight, 0.0) : (0.0, options.LabelWeight);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(
            new { threads = 1, batch = pairs.Count, width = padded.Width, labels = 1, dropout = 0.0, lists, listwise, pointwise, distill = options.DistillWeight, temperature = options.DistillTemperature }));
        return [.. lists];
    }

    // The pairs of a row as the tokenizer makes them of texts; the teacher's scores of them.
    static List<TokenPair> Pairs(TrainingSet set, int index, int negatives, int length, List<float>? teacher = null)
    {
        var (row, tokenizer) = (set.Rows[index], ObjectiveModels.Tokenizer());
        int[] places = [0, .. Sample.Take([.. Enumerable.Range(1, row.Negatives.Length)], negatives, Request.Seed, $"negatives:{Request.Epoch}:{index}")];
        teacher?.AddRange(places.Select(p => row.Scores?[p] ?? float.NaN));
        return [.. places.Select(p => tokenizer.EncodePair(Text(set.Queries[row.Query]), Text(set.Passages[p == 0 ? row.Positive : row.Negatives[p - 1]]), length))];

        static string Text(ReadOnlySpan<int> ids) => string.Join(' ', ids.ToArray().Where(id => id > 4).Select(id => $"w{id}"));
    }
}
