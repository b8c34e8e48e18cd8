using System.Text.Json;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Trainer.Tests.Encoders;

/// <summary>A model folder of the golden files, with the ids that went in and the numbers that Hugging Face's code gave.</summary>
static class BertGolden
{
    public static TransformerEncoder Load(string model) => TransformerEncoder.Load(FileSet.FromFolder(Fixture.Shared($"golden/{model}")));

    /// <summary>Token ids of all texts, in file order.</summary>
    public static List<long[]> Ids(string model) => [.. Lines(model, "tokens").Select(line => line.GetProperty("ids").EnumerateArray().Select(i => i.GetInt64()).ToArray())];

    /// <summary>Embeddings of all texts, in file order.</summary>
    public static List<float[]> Embeddings(string model, string kind) => [.. Lines(model, "embeddings").Select(line => Floats(line.GetProperty(kind)))];

    public static JsonElement Layers(string model) => JsonDocument.Parse(File.ReadAllBytes(Fixture.Shared($"golden/{model}.layers.json"))).RootElement;

    public static float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(v => v.GetSingle())];

    public static long[] Flat(JsonElement rows) => [.. rows.EnumerateArray().SelectMany(row => row.EnumerateArray().Select(v => v.GetInt64()))];

    public static TokenBatch Batch(IEnumerable<long[]> texts)
    {
        var all = texts.ToList();
        var offsets = new long[all.Count];
        for (var i = 1; i < offsets.Length; i++)
        {
            offsets[i] = offsets[i - 1] + all[i - 1].Length;
        }

        return new TokenBatch([.. all.SelectMany(t => t)], offsets);
    }

    public static double Distance(ReadOnlySpan<float> found, ReadOnlySpan<float> expected)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = 0;
        for (var i = 0; i < found.Length; i++)
        {
            Assert.True(float.IsFinite(found[i]));
            largest = Math.Max(largest, Math.Abs((double)found[i] - expected[i]));
        }

        return largest;
    }

    static IEnumerable<JsonElement> Lines(string model, string what) =>
        File.ReadLines(Fixture.Shared($"golden/{model}.{what}.jsonl")).Select(line => JsonDocument.Parse(line).RootElement);
}
