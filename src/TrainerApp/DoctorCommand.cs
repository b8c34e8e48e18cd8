using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using TorchSharp;

namespace TrainerApp;

/// <summary><c>doctor</c>: versions, devices, memory, and how fast each multiplies matrices.</summary>
static class DoctorCommand
{
    public static Command Build()
    {
        var (json, threads) = (SharedOptions.Json(), SharedOptions.Threads());
        var command = new Command("doctor", "Check this machine: libtorch, devices, memory, speed of matrix products") { json, threads };
        command.SetAction(parse =>
        {
            if (TorchRuntime.Unavailable is { } missing)
            {
                Console.Error.WriteLine(missing);
                return 1;
            }

            torch.set_num_threads(parse.GetValue(threads));
            var facts = Facts();
            if (parse.GetValue(json))
            {
                Console.WriteLine(facts.ToJsonString());
            }
            else
            {
                Print(facts, "");
            }

            return facts["faults"]!.AsArray().Count == 0 ? 0 : 1;
        });
        return command;
    }

    static JsonObject Facts()
    {
        var faults = TorchRuntime.SelfTest();
        var devices = new JsonArray { Measured("cpu", torch.CPU, 1024) };
        foreach (var device in TorchRuntime.Devices.Where(d => d.type == DeviceType.CUDA))
        {
            devices.Add(Cuda(device));
        }

        return new JsonObject
        {
            ["dotnet"] = Environment.Version.ToString(),
            ["libtorch"] = TorchRuntime.Version,
            ["cuda_build"] = torch.backends.cuda.is_built(),
            ["cuda_available"] = torch.cuda.is_available(),
            ["blas"] = TorchRuntime.BlasLibrary,
            ["threads"] = torch.get_num_threads(),
            ["memory"] = Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            ["devices"] = devices,
            ["faults"] = new JsonArray([.. faults.Select(f => (JsonNode)f)]),
        };
    }

    static JsonObject Cuda(torch.Device device)
    {
        var facts = Measured(device.ToString(), device, 8192);
        if (CudaDevice.Find(device.index) is { } found)
        {
            facts["name"] = found.Name;
            facts["capability"] = $"{found.Major}.{found.Minor}";
            facts["multiprocessors"] = found.Multiprocessors;
            facts["memory"] = Bytes(found.TotalMemory);
            facts["peak_bf16_tflops"] = DevicePeak.BFloat16Tflops(found.Name);
        }

        return facts;
    }

    static JsonObject Measured(string name, torch.Device device, int n)
    {
        var facts = new JsonObject { ["device"] = name, ["fp32_gflops"] = Rounded(TorchRuntime.MatmulGflops(n, 10, device)) };
        if (device.type == DeviceType.CUDA)
        {
            torch.backends.cuda.matmul.allow_tf32 = true;
            facts["tf32_gflops"] = Rounded(TorchRuntime.MatmulGflops(n, 10, device));
            torch.backends.cuda.matmul.allow_tf32 = false;
        }

        facts["bf16_gflops"] = Rounded(TorchRuntime.MatmulGflops(n, 10, device, torch.ScalarType.BFloat16));
        return facts;
    }

    static double Rounded(double value) => Math.Round(value, 1);

    static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");

    static void Print(JsonObject facts, string indent)
    {
        foreach (var (name, value) in facts)
        {
            if (value is JsonArray list)
            {
                foreach (var item in list)
                {
                    if (item is JsonObject part)
                    {
                        Console.WriteLine($"{indent}{name}");
                        Print(part, indent + "  ");
                    }
                    else
                    {
                        Console.WriteLine($"{indent}{name,-16} {item}");
                    }
                }
            }
            else
            {
                Console.WriteLine($"{indent}{name,-16} {value}");
            }
        }
    }
}
