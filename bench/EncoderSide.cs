using System.Diagnostics;
using System.Text.Json.Nodes;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using static TorchSharp.torch;

namespace Bench;

/// <summary>What one piece of work took: by the clock and by the processor.</summary>
readonly record struct Cost(double Wall, double Processor)
{
    public static Cost Of(Action work)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Spent());
        work();
        return new Cost(Stopwatch.GetElapsedTime(start).TotalSeconds, Spent() - before);

        static double Spent()
        {
            using var self = Process.GetCurrentProcess();
            return self.TotalProcessorTime.TotalSeconds;
        }
    }
}

/// <summary>This project's side: the encoder, pooled by mean, trained as the peer is.</summary>
sealed class EncoderSide : IDisposable
{
    const double Rate = 1e-4;

    readonly PooledTransformer encoder;
    readonly AdamW optimizer;
    readonly InfoNce loss = new(0.05);

    /// <param name="config">Shape of the model.</param>
    /// <param name="precision">Type of the products.</param>
    /// <param name="folder">Where the peer finds the same weights.</param>
    public EncoderSide(TransformerConfig config, Precision precision, string folder)
    {
        encoder = new PooledTransformer(TransformerEncoder.Create(config, 1), PoolingMode.Mean);
        encoder.Transformer.Precision = precision;
        encoder.Training = config.HiddenDropout > 0;
        optimizer = optim.AdamW([.. encoder.Parameters.Select(p => p.Value)], Rate, weight_decay: 0.01);
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), encoder.Parameters.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray())));
        File.WriteAllText(Path.Combine(folder, "config.json"), new JsonObject
        {
            ["model_type"] = config.ModelType,
            ["vocab_size"] = config.VocabularySize,
            ["hidden_size"] = config.HiddenSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["intermediate_size"] = config.IntermediateSize,
            ["max_position_embeddings"] = config.MaxPositions,
            ["type_vocab_size"] = config.TokenTypes,
            ["pad_token_id"] = config.PadTokenId,
            ["layer_norm_eps"] = config.LayerNormEpsilon,
        }.ToJsonString());
        Load = new JsonObject { ["do"] = "load", ["model"] = folder, ["short"] = precision == Precision.Bf16, ["dropout"] = config.HiddenDropout, ["rate"] = Rate, ["foreach"] = false };
    }

    /// <summary>What makes the peer take the same weights and settings.</summary>
    public JsonObject Load { get; }

    public double Step(IReadOnlyList<(int[] Title, int[] Body)> pairs)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var (queries, passages) = encoder.Forward(Batch([.. pairs.Select(p => p.Title)]), Batch([.. pairs.Select(p => p.Body)]));
        var value = loss.Compute(LossInputs.Dense(queries, passages)).Total;
        value.backward();
        optimizer.step();
        return value.ToDouble();
    }

    /// <summary>Unit vectors of all texts, in order.</summary>
    public float[] Encode(IReadOnlyList<int[]> texts)
    {
        encoder.Training = false;
        using var constant = no_grad();
        var all = new float[texts.Count * encoder.Dimensions];
        for (var start = 0; start < texts.Count; start += 1024)
        {
            using var scope = NewDisposeScope();
            Pooling.Normalize(encoder.Forward(Batch([.. texts.Skip(start).Take(1024)]), TextRole.Passage)).data<float>().ToArray().CopyTo(all, start * encoder.Dimensions);
        }

        return all;
    }

    public void Dispose()
    {
        optimizer.Dispose();
        encoder.Dispose();
    }

    static TokenBatch Batch(int[][] texts)
    {
        var offsets = new long[texts.Length];
        for (var i = 1; i < offsets.Length; i++)
        {
            offsets[i] = offsets[i - 1] + texts[i - 1].Length;
        }

        return new TokenBatch([.. texts.SelectMany(t => t).Select(id => (long)id)], offsets);
    }
}
