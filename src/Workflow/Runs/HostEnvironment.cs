using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>What this process runs on, as the ledger's <c>environment</c> keeps it for comparing runs; what results depend on is the class, which enters keys by itself (<see cref="MachineClass"/>).</summary>
static class HostEnvironment
{
    /// <summary>The commit that this program was built at, or null where the build knew of none. A build with local changes has the same; its assemblies differ.</summary>
    public static string? Commit { get; } = typeof(HostEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, { Length: 40 } commit] ? commit : null;

    /// <summary>Writes the facts once.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="environmentClass">See <see cref="MachineClass"/>.</param>
    /// <returns>Their id: the hash of what they say.</returns>
    public static string Add(LedgerConnection db, string environmentClass)
    {
        var (os, arch, dotnet) = (RuntimeInformation.OSDescription, RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(), Environment.Version.ToString());
        var raw = JsonSerializer.Serialize(new { os, arch, dotnet, processors = Environment.ProcessorCount, environment = environmentClass });
        var id = CanonicalJson.Hash(raw);
        db.Execute("INSERT INTO environment(env_id, env_class, os, arch, dotnet, raw_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING", id, environmentClass, os, arch, dotnet, raw);
        return id;
    }
}
