using System.Text.Json;
using TorchSharp;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Losses and gradients against sentence-transformers' own, executed (fixtures losses/mnrl.jsonl).</summary>
[Collection(TorchCollection.Name)]
public sealed class InfoNceTests
{
    public static TheoryData<string> Cases => [.. File.ReadLines(Fixture.PathOf("losses/mnrl.jsonl")).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compute_EqualsSentenceTransformers_InLossAndGradients(string name)
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        using var scope = NewDisposeScope();
        var line = File.ReadLines(Fixture.PathOf("losses/mnrl.jsonl")).Single(l => l.Contains($"\"{name}\"", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var students = root.GetProperty("students").EnumerateArray().Select(s => s.GetString()!).ToList();
        Assert.Equal(["anchor", "positive"], students.Take(2));
        var leaves = students.Select(s => Read(root.GetProperty("tensors").GetProperty(s)).requires_grad_()).ToList();

        var loss = Loss(root.GetProperty("params")).Compute(LossInputs.Dense(leaves[0], cat(leaves.Skip(1).ToArray()))).Total;
        loss.backward();

        var expected = root.GetProperty("expected");
        Assert.Equal(1, loss.ToDouble() / expected.GetProperty("loss").GetDouble(), 1e-5);
        foreach (var (student, leaf) in students.Zip(leaves))
        {
            var gradient = Read(expected.GetProperty("grads").GetProperty(student)).data<float>().ToArray();
            var found = leaf.grad!.data<float>().ToArray();
            for (var i = 0; i < gradient.Length; i++)
            {
                Assert.Equal(gradient[i], found[i], name.Contains("scale100", StringComparison.Ordinal) ? 2e-5f : 1e-5f);
            }
        }
    }

    [Fact]
    public void Compute_IgnoresExcludedCandidates_AsIfTheyWereNotThere()
    {
        Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        var queries = randn(3, 8);
        var passages = randn(4, 8);
        var excluded = zeros(3, 4, ScalarType.Bool);
        excluded.narrow(1, 3, 1).fill_(true);
        var loss = new InfoNce(0.05);
        Assert.Equal(loss.Compute(LossInputs.Dense(queries, passages.narrow(0, 0, 3), null)).Total.ToDouble(), loss.Compute(LossInputs.Dense(queries, passages, excluded)).Total.ToDouble(), 1e-6);
        Assert.NotEqual(loss.Compute(LossInputs.Dense(queries, passages, null)).Total.ToDouble(), loss.Compute(LossInputs.Dense(queries, passages, excluded)).Total.ToDouble(), 1e-6);

        // The other direction ranks queries: hard negatives do not enter it, excluded queries do not either.
        var pair = zeros(3, 3, ScalarType.Bool);
        pair.narrow(0, 1, 1).narrow(1, 0, 1).fill_(true);
        var symmetric = new InfoNce(0.05, symmetric: true).Compute(LossInputs.Dense(queries, passages.narrow(0, 0, 3), pair)).Total.ToDouble();
        var scores = matmul(nn.functional.normalize(queries), nn.functional.normalize(passages.narrow(0, 0, 3)).t()).data<float>().ToArray().Select(s => Math.Exp(s / 0.05)).ToArray();
        double expected = 0;
        for (var r = 0; r < 3; r++)
        {
            double row = 0, column = 0;
            for (var c = 0; c < 3; c++)
            {
                row += (r, c) == (1, 0) ? 0 : scores[(r * 3) + c];
                column += (c, r) == (1, 0) ? 0 : scores[(c * 3) + r];
            }

            expected -= (Math.Log(scores[(r * 3) + r] / row) + Math.Log(scores[(r * 3) + r] / column)) / 6;
        }

        Assert.Equal(expected, symmetric, 1e-5);
    }

    static ILoss Loss(JsonElement parameters)
    {
        if (parameters.TryGetProperty("dims", out var dims))
        {
            var weights = parameters.GetProperty("weights").EnumerateArray().Select(w => w.GetDouble()).ToArray();
            return new Matryoshka(new InfoNce(1 / parameters.GetProperty("scale").GetDouble()), dims.EnumerateArray().Select(d => d.GetInt32()).ToArray(), weights);
        }

        var symmetric = parameters.GetProperty("directions").GetArrayLength() == 2;
        return new InfoNce(1 / parameters.GetProperty("scale").GetDouble(), symmetric);
    }

    static Tensor Read(JsonElement value) => tensor(
        value.GetProperty("data").EnumerateArray().Select(v => v.GetSingle()).ToArray(), value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64()).ToArray());
}
