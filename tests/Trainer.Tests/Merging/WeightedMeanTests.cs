using System.Runtime.InteropServices;
using Trainer.Checkpoints;
using Trainer.Merging;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Merging;

[Collection(TorchCollection.Name)]
public sealed class WeightedMeanTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("merge-").FullName;

    public WeightedMeanTests() => PythonTorch.RequireTorch();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void OfFiles_EqualsPyTorchsSumInDouble_RoundedOnce()
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        random.manual_seed(5);
        var files = new List<string>();
        for (var k = 0; k < 3; k++)
        {
            var values = randn(7, 3);
            python.Write<float>($"x{k}", values.data<float>().ToArray());
            files.Add(File($"{k}", SafetensorsTensor.Of("w", values), SafetensorsTensor.Of("half", values.to(float16)), SafetensorsTensor.Of("brain", values.to(bfloat16)), SafetensorsTensor.Number("ids", 4)));
        }

        var mean = WeightedMean.OfFiles(files, [1, 2, 5]).ToDictionary(t => t.Name);
        python.Run("../Merging/mean.py", "0.125", "0.25", "0.625");
        Assert.Equal(python.Read<float>("w"), MemoryMarshal.Cast<byte, float>(mean["w"].Data.Span).ToArray());
        Assert.Equal(python.Read<short>("half"), MemoryMarshal.Cast<byte, short>(mean["half"].Data.Span).ToArray());
        Assert.Equal(python.Read<short>("brain"), MemoryMarshal.Cast<byte, short>(mean["brain"].Data.Span).ToArray());
        Assert.Equal((SafetensorsType.BF16, 4), (mean["brain"].Type, MemoryMarshal.Read<long>(mean["ids"].Data.Span)));
    }

    [Fact]
    public void OfFiles_GivesAModelItself_WhereAllAreEqualOrOthersCountNothing()
    {
        float[] values = [0.1f, -3e-20f, 7e12f, 1f / 3];
        var (a, b) = (File("a", SafetensorsTensor.Floats("w", [4], values)), File("b", SafetensorsTensor.Floats("w", [4], [1, 2, 3, 4])));
        Assert.Equal(values, Floats(WeightedMean.OfFiles([a, a, a], [1, 1, 1])));
        Assert.Equal(values, Floats(WeightedMean.OfFiles([a, b], [3, 0])));
    }

    [Fact]
    public void OfFiles_SaysWhatDiffers()
    {
        var a = File("a", SafetensorsTensor.Floats("w", [2], [1, 2]), SafetensorsTensor.Floats("b", [1], [1]));
        Assert.Contains("only the first has b; only the second has c", Message(a, File("c", SafetensorsTensor.Floats("w", [2], [1, 2]), SafetensorsTensor.Floats("c", [1], [1]))), StringComparison.Ordinal);
        Assert.Contains("is F32 (2), that of", Message(a, File("d", SafetensorsTensor.Floats("w", [2, 1], [1, 2]), SafetensorsTensor.Floats("b", [1], [1]))), StringComparison.Ordinal);
        Assert.Contains("only floating-point numbers have a mean", Message(File("e", SafetensorsTensor.Number("n", 1)), File("f", SafetensorsTensor.Number("n", 2))), StringComparison.Ordinal);
        Assert.Contains("expected one for each", Assert.Throws<TrainerException>(() => WeightedMean.OfFiles([a, a, a], [1, 1])).Message, StringComparison.Ordinal);

        static string Message(string first, string second) => Assert.Throws<TrainerException>(() => WeightedMean.OfFiles([first, second], [1, 1])).Message;
    }

    [Fact]
    public void Shares_AddUpToOne_OrFollowTheLosses()
    {
        Assert.Equal([0.25, 0.75], MergeShares.Normalize([1, 3]));
        Assert.All(new double[][] { [1], [1, -1], [0, 0], [1, double.NaN] }, w => Assert.Throws<TrainerException>(() => MergeShares.Normalize(w)));

        // softmax of -1/2, -3/2, in closed form.
        var shares = MergeShares.FromLosses([1, 3], temperature: 2);
        Assert.Equal(1 / (1 + Math.Exp(-1)), shares[0], 1e-15);
        Assert.Equal(1, shares.Sum(), 1e-15);
        Assert.Throws<TrainerException>(() => MergeShares.FromLosses([1, double.PositiveInfinity]));
    }

    static float[] Floats(IReadOnlyList<SafetensorsTensor> tensors) => MemoryMarshal.Cast<byte, float>(Assert.Single(tensors).Data.Span).ToArray();

    string File(string name, params SafetensorsTensor[] tensors)
    {
        var path = Path.Combine(_root, name);
        SafetensorsWriter.Write(path, tensors);
        return path;
    }
}
