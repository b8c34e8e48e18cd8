using Trainer.Heads;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Heads;

/// <summary>New heads begin with the values that PyTorch's Linear has after the same seed.</summary>
[Collection(TorchCollection.Name)]
public sealed class HeadDrawsTests
{
    [Fact]
    public void Create_DrawsAsPyTorchsLinear()
    {
        using var python = new PythonTorch();
        using var sparse = SparseHead.Create(24, [], 11);
        using var multi = MultiVectorHead.Create(24, 10, 12);
        using var projection = Projection.Create(24, 7, 13, bias: false);

        python.Run(Path.Combine(AppContext.BaseDirectory, "Heads", "linears.py"));

        foreach (var (name, value) in sparse.Parameters.Concat(multi.Parameters).Concat(projection.Parameters))
        {
            Assert.Equal(python.Read<float>(name), value.data<float>().ToArray());
        }
    }
}
