using System.Text.Json;

namespace Trainer.Export;

/// <summary>BERT and XLM-RoBERTa of a Hugging Face folder in plain C#, one layer's weights in memory at a time.</summary>
sealed class PlainTransformer : IPlainEncoder
{
    readonly PlainWeights _weights;
    readonly string _prefix;
    readonly string _type;
    readonly int _heads;
    readonly int _layers;
    readonly int _inner;
    readonly int _pad;
    readonly double _epsilon;

    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the names of its tensors begin with in the file.</param>
    public PlainTransformer(string folder, string prefix = "")
    {
        _prefix = prefix;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        var config = json.RootElement;
        _type = config.GetProperty("model_type").GetString()!;
        Width = config.GetProperty("hidden_size").GetInt32();
        _heads = config.GetProperty("num_attention_heads").GetInt32();
        _layers = config.GetProperty("num_hidden_layers").GetInt32();
        _inner = config.GetProperty("intermediate_size").GetInt32();
        _pad = config.GetProperty("pad_token_id").GetInt32();
        _epsilon = config.GetProperty("layer_norm_eps").GetDouble();
        _weights = new PlainWeights(Path.Combine(folder, "model.safetensors"));
    }

    /// <summary>Width of the hidden states, D.</summary>
    public int Width { get; }

    /// <summary>Hidden states of the last layer, texts end to end: (T, D).</summary>
    public float[] States(IReadOnlyList<int[]> texts, int threads, CancellationToken cancellationToken) => States(texts, null, threads, cancellationToken);

    /// <summary>The same of texts whose tokens have types; null for type 0.</summary>
    public float[] States(IReadOnlyList<int[]> texts, IReadOnlyList<int[]>? types, int threads, CancellationToken cancellationToken)
    {
        var x = Embed(texts, types);
        var tokens = x.Length / Width;
        for (var layer = 0; layer < _layers; layer++)
        {
            var prefix = $"{_prefix}encoder.layer.{layer}.";
            var attended = PlainAttention.Mix(
                texts, Linear(x, "attention.self.query", Width), Linear(x, "attention.self.key", Width), Linear(x, "attention.self.value", Width), Width, _heads, int.MaxValue, threads, cancellationToken);
            x = AddAndNorm(Linear(attended, "attention.output.dense", Width), x, $"{prefix}attention.output.LayerNorm");
            var inner = Linear(x, "intermediate.dense", _inner);
            PlainMath.Gelu(inner);
            x = AddAndNorm(Linear(inner, "output.dense", Width), x, $"{prefix}output.LayerNorm");

            float[] Linear(float[] values, string name, int outputs) => PlainMath.Linear(
                values, tokens, _weights.Read($"{prefix}{name}.weight", outputs, values.Length / tokens), _weights.Read($"{prefix}{name}.bias", outputs), threads, cancellationToken);
        }

        return x;
    }

    public void Dispose() => _weights.Dispose();

    float[] Embed(IReadOnlyList<int[]> texts, IReadOnlyList<int[]>? types)
    {
        var x = new float[texts.Sum(t => t.Length) * Width];
        var (position, type) = (new float[Width], new float[Width]);
        _weights.ReadRow($"{_prefix}embeddings.token_type_embeddings.weight", 0, type);
        var at = 0;
        foreach (var (index, text) in texts.Index())
        {
            var seen = 0;
            for (var t = 0; t < text.Length; t++, at += Width)
            {
                // XLM-RoBERTa counts from its padding id, and leaves padding tokens out, even inside a text.
                var place = _type != "xlm-roberta" ? t : text[t] == _pad ? _pad : _pad + ++seen;
                var row = x.AsSpan(at, Width);
                _weights.ReadRow($"{_prefix}embeddings.word_embeddings.weight", text[t], row);
                _weights.ReadRow($"{_prefix}embeddings.position_embeddings.weight", place, position);
                if (types is not null)
                {
                    _weights.ReadRow($"{_prefix}embeddings.token_type_embeddings.weight", types[index][t], type);
                }

                for (var i = 0; i < Width; i++)
                {
                    row[i] += position[i] + type[i];
                }
            }
        }

        PlainMath.LayerNorm(x, _weights.Read($"{_prefix}embeddings.LayerNorm.weight", Width), _weights.Read($"{_prefix}embeddings.LayerNorm.bias", Width), _epsilon);
        return x;
    }

    float[] AddAndNorm(float[] x, float[] residual, string norm)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] += residual[i];
        }

        PlainMath.LayerNorm(x, _weights.Read($"{norm}.weight", Width), _weights.Read($"{norm}.bias", Width), _epsilon);
        return x;
    }
}
