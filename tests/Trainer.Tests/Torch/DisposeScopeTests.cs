using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class DisposeScopeTests
{
    public DisposeScopeTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Scope_DisposesItsOwn_AndNothingElse()
    {
        var before = TorchCollection.SettledHandles();
        using var outside = ones(2);
        Tensor kept, moved, inner;
        using (var outer = NewDisposeScope())
        {
            using (var scope = NewDisposeScope())
            {
                kept = ones(2).DetachFromDisposeScope();
                moved = ones(2).MoveToOuterDisposeScope();
                inner = ones(2);
                Assert.Equal(1, scope.DisposablesCount);
                Assert.Same(outer, scope.OuterScope);
                Assert.Same(scope, CurrentDisposeScope);
            }
            Assert.True(inner.IsInvalid);
            Assert.False(moved.IsInvalid);
            Assert.Same(outer, CurrentDisposeScope);
        }
        Assert.True(moved.IsInvalid);
        Assert.False(kept.IsInvalid);
        Assert.False(outside.IsInvalid);
        Assert.Null(CurrentDisposeScope);
        kept.Dispose();
        Assert.Equal(before + 1, TorchRuntime.LiveHandles);
    }

    [Fact]
    public void Scope_StaysRight_AfterManySingleDisposals()
    {
        using var scope = NewDisposeScope();
        var kept = Enumerable.Range(0, 50).Select(k => tensor((float)k)).ToList();
        for (var k = 0; k < 1000; k++)
        {
            ones(1).Dispose();
        }
        kept[7].Dispose();
        var moved = kept[8].MoveToOuterDisposeScope();

        Assert.Equal(48, scope.DisposablesCount);
        Assert.Equal(Enumerable.Range(0, 50).Where(k => k != 7).Select(k => (float)k), kept.Where(t => !t.IsInvalid).Select(t => t.ToSingle()));
        scope.DisposeEverything();
        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void Disposed_TensorSaysSo_WhenUsed()
    {
        Tensor t;
        using (NewDisposeScope())
        {
            t = ones(2);
        }
        var error = Assert.Throws<ObjectDisposedException>(() => t + 1);
        Assert.Contains("MoveToOuterDisposeScope", error.Message, StringComparison.Ordinal);
        t.Dispose();
    }

    [Fact]
    public void Unreachable_TensorsAreReleased_ByTheFinalizer()
    {
        var before = TorchCollection.SettledHandles();
        Leak();
        for (var k = 0; k < 20 && TorchRuntime.LiveHandles > before; k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(TorchRuntime.LiveHandles <= before, $"{TorchRuntime.LiveHandles} handles are live, {before} were");
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    static void Leak()
    {
        for (var k = 0; k < 100; k++)
        {
            _ = ones(10);
        }
    }
}
