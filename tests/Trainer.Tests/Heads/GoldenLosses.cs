using System.Text.Json;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>A case of the golden losses: what the reference's own code computed.</summary>
sealed class GoldenLosses
{
    readonly JsonElement _root;

    GoldenLosses(JsonElement root) => _root = root;

    public JsonElement Parameters => _root.GetProperty("params");

    public IEnumerable<string> Students => _root.GetProperty("students").EnumerateArray().Select(s => s.GetString()!);

    public double Loss => _root.GetProperty("expected").GetProperty("loss").GetDouble();

    public static GoldenLosses Read(string name) => new(File.ReadLines(Fixture.Shared("golden/losses.jsonl"))
        .Where(line => line.Contains($"\"{name}\"", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line).RootElement).Single(r => r.GetProperty("name").GetString() == name));

    public Tensor Floats(string name, bool train = false) => Of(_root.GetProperty("tensors").GetProperty(name), train);

    public long[] Whole(string name) => [.. _root.GetProperty("tensors").GetProperty(name).GetProperty("data").EnumerateArray().Select(v => (long)v.GetDouble())];

    public bool Has(string name) => _root.GetProperty("tensors").TryGetProperty(name, out _);

    public long[] Shape(string name) => ShapeOf(_root.GetProperty("tensors").GetProperty(name));

    public Tensor Intermediate(string name) => Of(_root.GetProperty("expected").GetProperty("intermediates").GetProperty(name), false);

    /// <summary>The golden gradient of a student is that of the leaf.</summary>
    public void CheckGradient(string student, Tensor leaf, float tolerance)
    {
        var expected = Of(_root.GetProperty("expected").GetProperty("grads").GetProperty(student), false);
        Near(expected, leaf.grad!, tolerance, "gradient of " + student);
    }

    /// <summary>Two tensors agree within an absolute tolerance, element by element.</summary>
    public static void Near(Tensor expected, Tensor found, float tolerance, string what)
    {
        Assert.Equal(expected.shape, found.shape);
        var (wanted, values) = (expected.data<float>().ToArray(), found.to(float32).data<float>().ToArray());
        for (var i = 0; i < wanted.Length; i++)
        {
            Assert.True(Math.Abs(wanted[i] - values[i]) <= tolerance, $"{what} [{i}]: expected {wanted[i]}, found {values[i]}");
        }
    }

    static long[] ShapeOf(JsonElement value) => [.. value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())];

    static Tensor Of(JsonElement value, bool train) =>
        tensor(value.GetProperty("data").EnumerateArray().Select(v => v.GetSingle()).ToArray(), ShapeOf(value), requires_grad: train);
}
