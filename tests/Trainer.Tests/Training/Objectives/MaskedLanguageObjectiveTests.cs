using System.Text.Json;
using DataPrep.Text;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Tests.Torch;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Objectives;

/// <summary>Masked-language training against the same model in python3-torch, and what a step must be: repeatable, and the same whatever goes through the encoder at once.</summary>
[Collection(TorchCollection.Name)]
public sealed class MaskedLanguageObjectiveTests
{
    static readonly TokenKinds Kinds = new([.. Enumerable.Range(0, ObjectiveModels.Vocabulary).Select(id => id < 30)], [.. Enumerable.Range(0, ObjectiveModels.Vocabulary).Select(id => id < 5)], 4);

    static readonly MaskedLanguageOptions Options = new() { Probability = 0.3, WholeWords = true };

    public MaskedLanguageObjectiveTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(TransformerConfig.Bert)]
    [InlineData(TransformerConfig.XlmRoberta)]
    [InlineData(TransformerConfig.ModernBert)]
    public void Backward_EqualsPython_InLossAndGradients(string type)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        var (encoder, objective, texts, config) = Build(type, 0, out var head);
        using var first = encoder;
        using var second = objective;
        TransformerConfigWriter.Write(config, Path.Combine(python.Folder, "config.json"), TransformerConfigWriter.Architecture(config));
        SafetensorsWriter.Write(
            Path.Combine(python.Folder, "model.safetensors"),
            encoder.Parameters.Concat(head.Parameters).Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray())));
        var request = new StepRequest(7, 3, 3, 0, [5, 0, 9, 11, 2, 7], 4);
        Write(python, texts, request, config.PadTokenId);

        var result = objective.Backward(request);

        python.Run(Path.Combine(AppContext.BaseDirectory, "Training", "Objectives", "masked_language_step.py"));
        var expected = python.Read<double>("loss");
        Assert.Equal(expected[0], result.Loss, 1e-5);
        Assert.Equal(expected[1] / result.Parts[0].Value, result.Parts[1].Value, 1e-6);
        var (gradients, at) = (python.Read<float>("gradients"), 0);
        var found = objective.Parameters.ToDictionary(p => p.Name, p => p.Value.grad!.data<float>().ToArray());
        foreach (var name in File.ReadAllLines(Path.Combine(python.Folder, "names")).Select((n, i) => i < encoder.Parameters.Count ? n : HeadName(n, type)))
        {
            var values = found[name];
            Assert.True(ObjectiveModels.Distance([values], [gradients[at..(at + values.Length)]]) < 1e-4 || values.All(v => Math.Abs(v) < 1e-7), name);
            at += values.Length;
        }

        Assert.Equal(gradients.Length, at);
    }

    [Fact]
    public void Backward_GivesTheSameGradients_WhateverGoesThroughAtOnce()
    {
        var (encoder, objective, texts, _) = Build(TransformerConfig.Bert, 0, out var head);
        using var first = encoder;
        using var second = objective;
        var request = new StepRequest(1, 9, 9, 0, [.. Enumerable.Range(0, 12)], 12);
        var whole = objective.Backward(request);
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);

        // Three processes take four texts each; the head goes with the objective, so only one is disposed.
        var shares = Enumerable.Range(0, 3).Select(rank => new MaskedLanguageObjective(encoder, head, texts, Kinds, Options) { Share = (rank, 3) }.Backward(request)).ToList();
        Assert.Equal(1, shares.Sum(s => s.Loss) / whole.Loss, 1e-6);
        Assert.Equal((whole.Texts, whole.Tokens), (shares.Sum(s => s.Texts), shares.Sum(s => s.Tokens)));
        Assert.All(whole.Parts, p => Assert.Equal(p.Value, shares.Sum(s => s.Parts.Single(q => q.Name == p.Name).Value), 1e-6));
        Assert.InRange(ObjectiveModels.Distance(ObjectiveModels.TakeGradients(objective.Parameters), expected), 0, 1e-6);
        foreach (var size in new[] { 1, 5 })
        {
            var result = objective.Backward(request with { MiniBatch = size });
            Assert.Equal(1, result.Loss / whole.Loss, 1e-6);
            Assert.Equal(whole.Parts, result.Parts);
            Assert.InRange(ObjectiveModels.Distance(ObjectiveModels.TakeGradients(objective.Parameters), expected), 0, 1e-6);
        }
    }

    [Fact]
    public void Backward_RepeatsItsBits_WithDropout_AndLeavesNothingBehind()
    {
        var (encoder, objective, _, _) = Build(TransformerConfig.XlmRoberta, 0.1, out _);
        using var first = encoder;
        using var second = objective;
        var request = new StepRequest(1, 9, 9, 0, [.. Enumerable.Range(0, 12)], 5);
        Assert.True(double.IsFinite(objective.Backward(request).Loss));
        var expected = ObjectiveModels.TakeGradients(objective.Parameters);
        _ = objective.Backward(request);
        var handles = TorchCollection.SettledHandles();

        random.manual_seed(99);
        _ = objective.Backward(request);
        Assert.Equal(handles, TorchCollection.SettledHandles());
        foreach (var (_, value) in objective.Parameters)
        {
            value.grad = null;
        }

        _ = objective.Backward(request);
        Assert.Equal(expected, ObjectiveModels.TakeGradients(objective.Parameters));
        _ = objective.Backward(request with { Step = 10 });
        Assert.NotEqual(expected, ObjectiveModels.TakeGradients(objective.Parameters));
    }

    [Fact]
    public void Backward_IsZero_WhereNothingIsHidden()
    {
        var (encoder, objective, _, _) = Build(TransformerConfig.Bert, 0, out _, new MaskedLanguageOptions { Probability = 1e-9 });
        using var first = encoder;
        using var second = objective;
        var result = objective.Backward(new StepRequest(1, 9, 9, 0, [1, 2], 5));
        Assert.Equal((0, 2), (result.Loss, result.Texts));
        Assert.All(objective.Parameters, p => Assert.Null(p.Value.grad));
    }

    [Fact]
    public void Head_GoesOnWhereItStood_AndComesFromTheModelsOwnWeights()
    {
        var folder = Directory.CreateTempSubdirectory("masked-head-").FullName;
        try
        {
            var config = ObjectiveModels.Config();
            Assert.Null(MaskedLanguageHead.Load(FileSet.FromFolder(folder), config));
            using var head = MaskedLanguageHead.Create(config, 5);
            using (no_grad())
            {
                Assert.All(head.Parameters, p => p.Value.uniform_(-1, 1));
            }

            head.Save(folder);
            using (var loaded = MaskedLanguageHead.Load(FileSet.FromFolder(folder), config)!)
            {
                Assert.All(head.Parameters.Zip(loaded.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
                Assert.Equal(head.Parameters.Select(p => p.Name), loaded.Parameters.Select(p => p.Name));
            }

            // As an old conversion of BERT has it: norms by gamma and beta, the bias at the decoder.
            File.Delete(Path.Combine(folder, MaskedLanguageHead.FileName));
            var old = head.Parameters.Select(p => (Name: p.Name.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta").Replace("predictions.bias", "predictions.decoder.bias"), p.Value));
            SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), old.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray())));
            using (var loaded = MaskedLanguageHead.Load(FileSet.FromFolder(folder), config)!)
            {
                Assert.All(head.Parameters.Zip(loaded.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
            }

            var fault = Assert.Throws<TrainerException>(() => MaskedLanguageHead.Load(FileSet.FromFolder(folder), config with { VocabularySize = 61 }));
            Assert.Contains("expected (61)", fault.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static (TransformerEncoder Encoder, MaskedLanguageObjective Objective, TokenStore Texts, TransformerConfig Config) Build(
        string type, double dropout, out MaskedLanguageHead head, MaskedLanguageOptions? options = null)
    {
        var config = ObjectiveModels.Config(type, dropout);
        var encoder = TransformerEncoder.Create(config, 3);
        head = MaskedLanguageHead.Create(config, 4);
        var texts = ObjectiveModels.Texts(12, 8);
        return (encoder, new MaskedLanguageObjective(encoder, head, texts, Kinds, options ?? Options), texts, config);
    }

    static string HeadName(string name, string type) => type switch
    {
        TransformerConfig.Bert => "cls.predictions." + (name == "bias" ? name : "transform." + name.Replace("norm", "LayerNorm")),
        TransformerConfig.XlmRoberta => "lm_head." + name.Replace("norm", "layer_norm"),
        _ => name == "bias" ? "decoder.bias" : "head." + name,
    };

    // The batch with the tokens hidden that the objective hides, padded.
    static void Write(PythonTorch python, TokenStore texts, StepRequest request, int pad)
    {
        var masks = new MaskedLanguageMasks(Kinds, Options);
        var width = request.Rows.Max(row => texts[row].Length);
        var (ids, mask, labels) = (new List<long>(), new List<long>(), new List<long>());
        foreach (var row in request.Rows)
        {
            var before = texts[row].ToArray().Select(id => (long)id).ToArray();
            var hidden = before.ToArray();
            var places = masks.Apply(hidden, request.Seed, request.Step, row);
            var rest = width - before.Length;
            ids.AddRange([.. hidden, .. Enumerable.Repeat((long)pad, rest)]);
            mask.AddRange([.. before.Select(_ => 1L), .. new long[rest]]);
            labels.AddRange(Enumerable.Range(0, width).Select(t => places.Contains(t) ? before[t] : -100));
        }

        python.Write<long>("ids", ids.ToArray());
        python.Write<long>("mask", mask.ToArray());
        python.Write<long>("labels", labels.ToArray());
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { threads = 1, batch = request.Rows.Length, width }));
    }
}
