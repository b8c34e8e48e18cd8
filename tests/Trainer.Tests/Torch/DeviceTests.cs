using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Tests.Torch;

/// <summary>Devices, streams, transfers and switches: what can be shown without a GPU, and on one where the machine has it.</summary>
[Collection(TorchCollection.Name)]
public sealed class DeviceTests : IDisposable
{
    readonly DisposeScope scope;

    public DeviceTests()
    {
        PythonTorch.RequireTorch();
        scope = NewDisposeScope();
    }

    [Fact]
    public void Allocation_ThrowsOutOfMemory_WhenTheAllocatorRefuses()
    {
        var error = Assert.Throws<TorchOutOfMemoryException>(() => empty(1L << 52));
        Assert.Contains("memory", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, ones(3).sum().ToDouble());
    }

    [Fact]
    public void Faults_AreNotOutOfMemory_WhenTheyAreOthers()
    {
        Assert.IsNotType<TorchOutOfMemoryException>(Assert.ThrowsAny<TorchException>(() => ones(2, 3).mm(ones(4, 5))));
        Assert.IsNotType<TorchOutOfMemoryException>(Assert.ThrowsAny<TorchException>(() => ones(-1)));
    }

    [Fact]
    public void Require_SaysWhatThereIs_WhenTheDeviceIsMissing()
    {
        Assert.Equal(CPU, TorchRuntime.Require(CPU));
        var error = Assert.Throws<TorchException>(() => TorchRuntime.Require(device("cuda:99")));
        Assert.Contains("cuda:99", error.Message, StringComparison.Ordinal);
        Assert.Contains("found cpu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Switches_ReadBack_WhatWasSet()
    {
        var (tf32, flash, math) = (backends.cuda.matmul.allow_tf32, backends.cuda.flash_sdp_enabled(), backends.cuda.math_sdp_enabled());
        Assert.False(tf32);
        try
        {
            backends.cuda.matmul.allow_tf32 = true;
            backends.cuda.enable_flash_sdp(!flash);
            backends.cuda.enable_math_sdp(!math);
            Assert.True(backends.cuda.matmul.allow_tf32);
            Assert.Equal((!flash, !math), (backends.cuda.flash_sdp_enabled(), backends.cuda.math_sdp_enabled()));
        }
        finally
        {
            backends.cuda.matmul.allow_tf32 = tf32;
            backends.cuda.enable_flash_sdp(flash);
            backends.cuda.enable_math_sdp(math);
        }
    }

    [Fact]
    public void Transfer_GivesTheSameTensor_OnTheCpu()
    {
        var host = arange(6).view(2, 3);
        var sent = new DeviceTransfer(CPU).Send(host);
        host.Dispose();
        Assert.Equal([0L, 1, 2, 3, 4, 5], sent.data<long>().ToArray());
    }

    [Fact]
    public void Stream_OfTheCpu_IsOneThatIsAlwaysDone()
    {
        var current = DeviceStream.Current(CPU);
        current.Synchronize();
        Assert.Equal(DeviceType.CPU, current.Device.type);
        using (current.Use())
        {
            Assert.Equal(2, ones(2).sum().ToDouble());
        }
    }

    [Fact]
    public void Cuda_IsRefused_WhenThereIsNone()
    {
        Assert.SkipWhen(cuda.is_available(), "this machine has a CUDA device");
        Assert.ThrowsAny<TorchException>(() => DeviceStream.FromPool(CUDA));
        Assert.ThrowsAny<TorchException>(() => new DeviceTransfer(CUDA));
        Assert.ThrowsAny<TorchException>(() => TorchRuntime.CudaMemory());
        Assert.ThrowsAny<TorchException>(() => ones(2).pin_memory());
    }

    [Fact]
    public void CudaDevice_ReadsWhatTheDriverSays()
    {
        var compiler = Environment.GetEnvironmentVariable("CXX") is { Length: > 0 } given ? given : "g++";
        var folder = Directory.CreateTempSubdirectory("driver-");
        try
        {
            // A driver of our own, with the prototypes of NVIDIA's cuda.h.
            var source = Path.Combine(folder.FullName, "driver.cpp");
            File.WriteAllText(source, """
                #include <cstddef>
                #include <cstring>
                extern "C" {
                int cuInit(unsigned int flags) { return flags == 0 ? 0 : 1; }
                int cuDeviceGet(int* device, int ordinal) { *device = ordinal + 40; return ordinal == 1 ? 0 : 101; }
                int cuDeviceGetName(char* name, int len, int dev) { if (dev != 41 || len < 16) return 1; strcpy(name, "NVIDIA Test 9000"); return 0; }
                int cuDeviceTotalMem_v2(size_t* bytes, int dev) { *bytes = (size_t)96 << 30; return dev == 41 ? 0 : 1; }
                int cuDeviceGetAttribute(int* pi, int attrib, int dev) {
                  switch (attrib) { case 16: *pi = 132; return 0; case 75: *pi = 9; return 0; case 76: *pi = 0; return 0; case 13: *pi = 1980000; return 0; default: return 1; }
                }
                }
                """);
            var library = Path.Combine(folder.FullName, "libdriver.so");
            using var build = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", source, "-o", library]))!;
            build.WaitForExit();
            Assert.Equal(0, build.ExitCode);
            Assert.Equal(new CudaDevice("NVIDIA Test 9000", 132, 9, 0, 96L << 30, 1980000), CudaDevice.Find(library, 1));
            Assert.Null(CudaDevice.Find(library, 0));
            Assert.Null(CudaDevice.Find(Path.Combine(folder.FullName, "none.so"), 0));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Transfer_BringsBatchesToCuda_WhileOthersAreUsed()
    {
        RequireCuda();
        var transfer = new DeviceTransfer(CUDA);
        var hosts = Enumerable.Range(0, 8).Select(k => full([1 << 20], k)).ToList();
        var sums = hosts.Select(h => transfer.Send(h).sum()).ToList();
        Assert.Equal(Enumerable.Range(0, 8).Select(k => (double)k * (1 << 20)), sums.Select(s => s.ToDouble()));
        Assert.True(TorchRuntime.CudaMemory().Peak >= 4 << 20);
    }

    [Fact]
    public void Allocation_ThrowsOutOfMemory_WhenCudaRefuses()
    {
        RequireCuda();
        Assert.Throws<TorchOutOfMemoryException>(() => empty([1L << 44], device: CUDA));
        Assert.Equal(3, ones([3], device: CUDA).sum().ToDouble());
    }

    public void Dispose() => scope.Dispose();

    static void RequireCuda() => Assert.SkipUnless(cuda.is_available(), "this machine has no CUDA device");
}
