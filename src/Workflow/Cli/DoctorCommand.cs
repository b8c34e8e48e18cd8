using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using TorchSharp;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>doctor</c>: versions, devices and the speed of matrix products.</summary>
sealed class DoctorCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var command = new Command("doctor", "Check this machine: versions, devices, BLAS and its speed");
        command.SetAction(parse =>
        {
            var facts = new JsonObject { ["dotnet"] = Environment.Version.ToString(), ["cores"] = Environment.ProcessorCount, ["sqlite"] = Sqlite(), ["tables"] = Tables(context) };
            var warnings = new List<string>();
            if (TorchRuntime.Unavailable is { } missing)
            {
                warnings.Add(missing);
            }
            else
            {
                Torch(facts, warnings);
            }

            if (context.WantsJson(parse))
            {
                facts["warnings"] = new JsonArray([.. warnings.Select(w => (JsonNode)w)]);
                context.WriteJson(facts);
            }
            else
            {
                Print(facts, warnings, context.Output);
            }

            return TorchRuntime.Unavailable is null ? 0 : 1;
        });
        return command;
    }

    static void Print(JsonObject facts, List<string> warnings, TextWriter output)
    {
        foreach (var (name, value) in facts)
        {
            output.WriteLine($"{name,-16} {(value is JsonArray list ? string.Join(", ", list) : value)}");
        }

        foreach (var warning in warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Torch(JsonObject facts, List<string> warnings)
    {
        var speed = TorchRuntime.MatmulGflops();
        facts["libtorch"] = TorchRuntime.Version;
        facts["devices"] = new JsonArray([.. TorchRuntime.Devices.Select(d => (JsonNode)d.ToString()!)]);
        facts["blas"] = TorchRuntime.BlasLibrary;
        facts["threads"] = torch.get_num_threads();
        facts["matmul_gflops"] = Math.Round(speed, 1);
        if (speed < TorchRuntime.SlowMatmulGflops)
        {
            warnings.Add($"a 512-cubed matrix product runs at {speed:0.0} GFLOP/s, below {TorchRuntime.SlowMatmulGflops:0}: no optimized BLAS seems to be in use. On Debian: apt-get install libopenblas0-openmp.");
        }

        foreach (var fault in TorchRuntime.SelfTest())
        {
            warnings.Add($"operator {fault}");
        }
    }

    static string Sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("workflow-doctor-");
        try
        {
            using var ledger = LedgerDb.Open(Path.Combine(folder.FullName, "ledger.db"), TimeProvider.System);
            return ledger.Read(db => db.Text("SELECT sqlite_version()")) ?? "";
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Tables(CliContext context)
    {
        using var answer = context.Query("SELECT version()", new Dictionary<string, IReadOnlyList<string>>(), CancellationToken.None);
        return answer.Rows.First()[0] ?? "";
    }
}
