using TorchSharp;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class RuntimeTests
{
    public RuntimeTests() => PythonTorch.RequireTorch();

    [Fact]
    public void SelfTest_FindsEveryOperator()
    {
        Assert.Empty(TorchRuntime.SelfTest());
        Assert.True(OpTable.All.Count > 200);
    }

    [Theory]
    [InlineData("aten::add.Tensor(Tensor self, Tensor other, *, Scalar beta=1) -> Tensor", "argument 2 is 'Scalar alpha', not 'Scalar beta'")]
    [InlineData("aten::mm(Tensor self, Tensor mat2, int k) -> Tensor", "argument 'k' is gone")]
    [InlineData("aten::softmax.int(Tensor self) -> Tensor", "argument 'int dim' is new and required")]
    [InlineData("aten::topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> Tensor", "it returns (Tensor, Tensor), not (Tensor)")]
    [InlineData("aten::no_such_operator(Tensor self) -> Tensor", "no such operator")]
    public void SelfTest_NamesTheOperator_WhoseSchemaIsAnother(string schema, string fault)
    {
        var wrong = new Op(schema);
        var error = Assert.Throws<TorchException>(() => OpTable.Require([Ops.mm, wrong]));
        Assert.Contains($"{wrong.Expected.FullName}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.Contains("in 1 operator(s)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2, ScalarType? dtype=None) -> Tensor[]")]
    [InlineData("aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2) -> Tensor[] norms")]
    public void Schemas_OfLaterVersionsPass_WhenCallsMeanTheSame(string later) =>
        Assert.Null(OpSchema.Parse("aten::_foreach_norm.Scalar(Tensor[] self, Scalar ord=2) -> Tensor[]").DifferenceFrom(OpSchema.Parse(later)));

    [Fact]
    public void Schemas_AreComparedWithoutAliasesAndSymbolicInts() =>
        Assert.Null(OpSchema.Parse("aten::view(Tensor(a) self, int[] size) -> Tensor(a)").DifferenceFrom(OpSchema.Parse("aten::view(Tensor(a) self, SymInt[] size) -> Tensor(a)")));

    [Fact]
    public void Threads_AreFollowed_ByThreadsThatRanBefore()
    {
        using var set = new AutoResetEvent(false);
        using var ran = new AutoResetEvent(false);
        var counts = new List<int>();
        var thread = new Thread(() =>
        {
            for (var k = 0; k < 2; k++)
            {
                set.WaitOne();
                using (NewDisposeScope())
                {
                    _ = ones(4, 4).mm(ones(4, 4));
                }
                counts.Add(get_num_threads());
                ran.Set();
            }
        });
        thread.Start();
        foreach (var n in new[] { 2, 1 })
        {
            set_num_threads(n);
            set.Set();
            ran.WaitOne();
        }
        thread.Join();
        Assert.Equal([2, 1], counts);
        Assert.Throws<TorchException>(() => set_num_threads(0));
    }

    [Fact]
    public void Figures_DescribeThisMachine()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", TorchRuntime.Version);
        Assert.Contains("PyTorch built with", TorchRuntime.BuildConfiguration, StringComparison.Ordinal);
        Assert.Equal(CPU, TorchRuntime.Devices[0]);
        Assert.NotEqual("unknown", TorchRuntime.BlasLibrary);
        Assert.True(TorchRuntime.MatmulGflops(n: 64, runs: 3) > 0);
    }

    [Theory]
    [InlineData("OpenBLAS (/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3)", "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3", "BLAS_INFO=generic")]
    [InlineData("reference BLAS (/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0): slow, install libopenblas0-openmp", "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", "BLAS_INFO=generic")]
    [InlineData("MKL (inside libtorch)", "/opt/torch/lib/libtorch_cpu.so", "BLAS_INFO=mkl")]
    public void Blas_IsNamed_FromTheLoadedLibraries(string expected, string file, string configuration) =>
        Assert.Equal(expected, TorchRuntime.BlasName(["/usr/lib/libc.so.6", file], configuration));

    [Fact]
    public void Autocast_RefusesTypesItDoesNotHave()
    {
        Assert.Throws<ArgumentException>(() => new Autocast(DeviceType.CPU, ScalarType.Float16));
        using var scope = NewDisposeScope();
        using (new Autocast(DeviceType.CPU))
        {
            Assert.Equal(ScalarType.BFloat16, ones(2, 2).mm(ones(2, 2)).dtype);
            using (new Autocast(DeviceType.CPU, enabled: false))
            {
                Assert.Equal(ScalarType.Float32, ones(2, 2).mm(ones(2, 2)).dtype);
            }
            Assert.Equal(ScalarType.BFloat16, ones(2, 2).mm(ones(2, 2)).dtype);
        }
        Assert.Equal(ScalarType.Float32, ones(2, 2).mm(ones(2, 2)).dtype);
    }
}
