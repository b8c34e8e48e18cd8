using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>bfloat16 products against python3-torch's autocast over the same weights and texts.</summary>
[Collection(TorchCollection.Name)]
public sealed class ShortPrecisionTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(24)]
    public void LossAndEmbeddings_FollowAutocasts_StepByStep(int width)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(2);
        var config = PackedParityTests.Shape(0, 0) with { HiddenSize = width, VocabularySize = 300 };
        using var encoder = new PooledTransformer(TransformerEncoder.Create(config, 5), PoolingMode.Mean) { Precision = Precision.Bf16 };
        using var optimizer = optim.AdamW([.. encoder.Parameters.Select(p => p.Value)], 1e-3, weight_decay: 0.01);
        Save(encoder.Transformer, python.Folder);
        var random = new Random(4);
        var texts = Enumerable.Range(0, 32).Select(_ => Enumerable.Range(0, random.Next(3, 60)).Select(_ => random.Next(1, 300)).ToArray()).ToList();

        using var peer = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Encoders", "minilm.py"), "2"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["OMP_WAIT_POLICY"] = "passive" },
        })!;
        Ask(new JsonObject { ["do"] = "load", ["model"] = python.Folder, ["short"] = true, ["dropout"] = 0.0, ["rate"] = 1e-3, ["foreach"] = false });
        var output = Path.Combine(python.Folder, "vectors");
        Ask(new JsonObject { ["do"] = "encode", ["texts"] = Ids(texts), ["batch"] = 8, ["sorted"] = false, ["output"] = output });
        var vectors = python.Read<float>("vectors");
        using (no_grad())
        {
            var found = Pooling.Normalize(encoder.Forward(Batch(texts), TextRole.Passage)).data<float>().ToArray();
            foreach (var row in Enumerable.Range(0, texts.Count))
            {
                var cosine = Enumerable.Range(row * width, width).Sum(i => (double)found[i] * vectors[i]);
                Assert.True(cosine > 0.9995, $"text {row}: cosine {cosine}");
            }
        }

        var loss = new InfoNce(0.05);
        var losses = new List<double>();
        for (var step = 0; step < 10; step++)
        {
            using var inner = NewDisposeScope();
            var (queries, passages) = (texts.Take(16).ToList(), texts.Skip(16).ToList());
            optimizer.zero_grad();
            var (q, p) = encoder.Forward(Batch(queries), Batch(passages));
            var value = loss.Compute(LossInputs.Dense(q, p)).Total;
            value.backward();
            optimizer.step();
            losses.Add(value.ToDouble());
            var expected = Ask(new JsonObject { ["do"] = "step", ["queries"] = Ids(queries), ["passages"] = Ids(passages) }).GetProperty("loss").GetDouble();
            Assert.True(Math.Abs(losses[^1] - expected) <= 0.01 * expected, $"step {step}: {losses[^1]}, Python's {expected}");
        }

        Assert.True(losses[^1] < 0.85 * losses[0], $"{losses[0]} to {losses[^1]}");
        peer.StandardInput.Close();
        peer.WaitForExit();

        JsonElement Ask(JsonObject request)
        {
            peer.StandardInput.WriteLine(request.ToJsonString());
            var answer = peer.StandardOutput.ReadLine();
            Assert.NotNull(answer);
            return JsonDocument.Parse(answer).RootElement;
        }
    }

    [Fact]
    public void Batch_IsCutAndJoined_WithoutLosingATokenOrType()
    {
        var batch = new TokenBatch([1, 2, 3, 4, 5, 6], [0, 2, 3]) { Types = [0, 1, 0, 0, 1, 1] };
        var (first, rest) = (batch.Slice(0, 1), batch.Slice(1, 2));

        Assert.Equal([3L, 4, 5, 6], rest.Ids);
        Assert.Equal([0L, 1], rest.Offsets);
        Assert.Equal([0L, 0, 1, 1], rest.Types!);
        var joined = TokenBatch.Concat(first, rest);
        Assert.Equal(batch.Ids, joined.Ids);
        Assert.Equal(batch.Offsets, joined.Offsets);
        Assert.Equal(batch.Types, joined.Types);
        Assert.Equal([0L, 1, 0, 0], TokenBatch.Concat(first, new TokenBatch([9, 9], [0, 1])).Types!);
    }

    [Fact]
    public void Encoding_GivesTheSame_WhereABatchIsCutIntoPasses()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var encoder = new PooledTransformer(TransformerEncoder.Create(PackedParityTests.Shape(0, 0), 5), PoolingMode.Mean);
        var random = new Random(4);
        var texts = Enumerable.Range(0, 400).Select(_ => Enumerable.Range(0, random.Next(1, 64)).Select(_ => random.Next(1, 50)).ToArray()).ToList();
        Assert.True(texts.Sum(t => t.Length) > 8192);

        var whole = encoder.Forward(Batch(texts), TextRole.Passage).data<float>().ToArray();

        foreach (var row in new[] { 0, 199, 250, 300, 399 })
        {
            var alone = encoder.Forward(Batch([texts[row]]), TextRole.Passage).data<float>().ToArray();
            Assert.InRange(BertGolden.Distance(whole.AsSpan(row * 64, 64), alone), 0, 5e-6);
        }
    }

    static void Save(TransformerEncoder encoder, string folder)
    {
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), encoder.Parameters.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray())));
        var c = encoder.Config;
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new
        {
            vocab_size = c.VocabularySize,
            hidden_size = c.HiddenSize,
            num_hidden_layers = c.Layers,
            num_attention_heads = c.Heads,
            intermediate_size = c.IntermediateSize,
            max_position_embeddings = c.MaxPositions,
            type_vocab_size = c.TokenTypes,
            pad_token_id = c.PadTokenId,
            layer_norm_eps = c.LayerNormEpsilon,
        }));
    }

    static JsonArray Ids(IEnumerable<int[]> texts) => [.. texts.Select(t => (JsonNode)new JsonArray([.. t.Select(id => (JsonNode)id)]))];

    static TokenBatch Batch(IEnumerable<int[]> texts) => BertGolden.Batch(texts.Select(t => Array.ConvertAll(t, id => (long)id)));
}
