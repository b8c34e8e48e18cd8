using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Runs;

public sealed class MachineClassTests
{
    [Fact]
    public void Gpus_AreNamedAsTheDriverNamesThem_InOneOrder()
    {
        var folder = Directory.CreateTempSubdirectory("gpus-");
        try
        {
            Assert.Equal("", MachineClass.Gpus(Path.Combine(folder.FullName, "none")));
            Assert.Equal("", MachineClass.Gpus(folder.FullName));
            foreach (var (bus, model) in new[] { ("0000:02:00.0", "NVIDIA L4"), ("0000:01:00.0", "NVIDIA H100 80GB HBM3") })
            {
                var device = Directory.CreateDirectory(Path.Combine(folder.FullName, bus));
                File.WriteAllText(Path.Combine(device.FullName, "information"), $"Model: \t\t {model}\nIRQ:   \t\t 85\nGPU UUID: \t GPU-1\n");
            }

            Assert.Equal(" gpu NVIDIA H100 80GB HBM3, NVIDIA L4", MachineClass.Gpus(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
