using System.Text.Json;

namespace Trainer.Export;

/// <summary>ModernBERT of a Hugging Face folder in plain C#, one layer's weights in memory at a time.</summary>
sealed class PlainModernBert : IPlainEncoder
{
    readonly PlainWeights _weights;
    readonly JsonDocument _config;
    readonly int _heads;

    public PlainModernBert(string folder)
    {
        _config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        Width = Whole("hidden_size");
        _heads = Whole("num_attention_heads");
        _weights = new PlainWeights(Path.Combine(folder, "model.safetensors"));
    }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public float[] States(IReadOnlyList<int[]> texts, int threads, CancellationToken cancellationToken)
    {
        var x = new float[texts.Sum(t => t.Length) * Width];
        foreach (var (at, id) in texts.SelectMany(t => t).Index())
        {
            _weights.ReadRow("embeddings.tok_embeddings.weight", id, x.AsSpan(at * Width, Width));
        }

        var (tokens, inner, every) = (x.Length / Width, Whole("intermediate_size"), Whole("global_attn_every_n_layers"));
        x = Norm(x, "embeddings.norm");
        for (var layer = 0; layer < Whole("num_hidden_layers"); layer++)
        {
            var (prefix, whole) = ($"layers.{layer}.", layer % every == 0);
            var all = Linear(layer == 0 ? x : Norm(x, $"{prefix}attn_norm"), "attn.Wqkv", 3 * Width, "attention_bias");
            var theta = _config.RootElement.GetProperty(whole ? "global_rope_theta" : "local_rope_theta").GetDouble();
            var mixed = PlainAttention.Mix(
                texts, Turned(Part(all, 0), texts, theta), Turned(Part(all, 1), texts, theta), Part(all, 2), Width, _heads, whole ? int.MaxValue : Whole("local_attention") / 2, threads, cancellationToken);
            Add(x, Linear(mixed, "attn.Wo", Width, "attention_bias"));
            Add(x, Linear(Gated(Linear(Norm(x, $"{prefix}mlp_norm"), "mlp.Wi", 2 * inner, "mlp_bias"), inner), "mlp.Wo", Width, "mlp_bias"));

            float[] Linear(float[] values, string name, int outputs, string bias) => PlainMath.Linear(
                values, tokens, _weights.Read($"{prefix}{name}.weight", outputs, values.Length / tokens), Bias($"{prefix}{name}", outputs, bias), threads, cancellationToken);
        }

        return Norm(x, "final_norm");
    }

    public void Dispose()
    {
        _weights.Dispose();
        _config.Dispose();
    }

    static void Add(float[] x, float[] more)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] += more[i];
        }
    }

    // gelu(a) b for rows (a, b)
    static float[] Gated(float[] rows, int inner)
    {
        var result = new float[rows.Length / 2];
        for (var start = 0; start < result.Length; start += inner)
        {
            var value = rows.AsSpan(2 * start, inner);
            var gate = rows.AsSpan((2 * start) + inner, inner);
            PlainMath.Gelu(value);
            for (var i = 0; i < inner; i++)
            {
                result[start + i] = value[i] * gate[i];
            }
        }

        return result;
    }

    int Whole(string key) => _config.RootElement.GetProperty(key).GetInt32();

    float[] Bias(string name, int outputs, string key) => _config.RootElement.GetProperty(key).GetBoolean() ? _weights.Read($"{name}.bias", outputs) : new float[outputs];

    float[] Norm(float[] x, string name)
    {
        float[] result = [.. x];
        PlainMath.LayerNorm(result, _weights.Read($"{name}.weight", Width), Bias(name, Width, "norm_bias"), _config.RootElement.GetProperty("norm_eps").GetDouble());
        return result;
    }

    // The queries, the keys or the values of rows that hold all three.
    float[] Part(float[] rows, int which)
    {
        var result = new float[rows.Length / 3];
        for (var start = 0; start < result.Length; start += Width)
        {
            rows.AsSpan((3 * start) + (which * Width), Width).CopyTo(result.AsSpan(start));
        }

        return result;
    }

    // In each head number i and number i + S/2 are turned by the position times theta^(-2i/S); angles have 32 bits, as in Transformers.
    float[] Turned(float[] rows, IReadOnlyList<int[]> texts, double theta)
    {
        var half = Width / _heads / 2;
        var row = 0;
        foreach (var text in texts)
        {
            for (var position = 0; position < text.Length; position++, row += Width)
            {
                for (var i = 0; i < half; i++)
                {
                    var angle = position * (1 / (float)Math.Pow((float)theta, 2f * i / (2 * half)));
                    var (sin, cos) = Math.SinCos(angle);
                    for (var at = row + i; at < row + Width; at += 2 * half)
                    {
                        (rows[at], rows[at + half]) = ((float)((rows[at] * cos) - (rows[at + half] * sin)), (float)((rows[at + half] * cos) + (rows[at] * sin)));
                    }
                }
            }
        }

        return rows;
    }
}
