using System.Reflection;
using System.Security.Cryptography;

namespace Workflow.Dashboard;

/// <summary>Scripts and style sheets, built into the program and served from it alone.</summary>
static class DashboardAssets
{
    static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal) { [".css"] = "text/css; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".svg"] = "image/svg+xml" };
    static readonly string[] FromNpm = ["htmx.min.js", "hx-sse.min.js", "uPlot.iife.min.js", "uPlot.min.css"];

    // The sheets that others build upon.
    static readonly string[] FirstSheets = ["colours.css", "charts.css", "dashboard.css"];
    static readonly string[] NotOurs = ["report.css", "uPlot.min.css"];

    /// <summary>Bytes, type and address of each, by name.</summary>
    public static IReadOnlyDictionary<string, (byte[] Bytes, string Type, string Address)> All { get; } = Load();

    /// <summary>Names of npm's files that the build did not find; live parts stay still without them.</summary>
    public static IReadOnlyList<string> Missing { get; } = FromNpm.Where(n => !All.ContainsKey(n)).ToList();

    /// <summary>Address of an asset; it changes with the content, so that browsers may keep it for ever.</summary>
    public static string Address(string name) => All.TryGetValue(name, out var asset) ? asset.Address : $"/assets/{name}";

    static Dictionary<string, (byte[], string, string)> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var found = new Dictionary<string, (byte[], string, string)>(StringComparer.Ordinal);
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("assets/", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var name = resource["assets/".Length..];
            if (Types.ContainsKey(Path.GetExtension(name)))
            {
                found[name] = Asset(name, bytes);
            }
        }

        var ours = found.Keys.Except(FromNpm).Except(NotOurs).Order(StringComparer.Ordinal).ToList();
        found["site.css"] = Joined("site.css", [.. FirstSheets, .. ours.Where(n => n.EndsWith(".css", StringComparison.Ordinal)).Except(FirstSheets)], found);
        if (FromNpm.All(found.ContainsKey))
        {
            // One file, because htmx starts by itself as soon as it may: its extension and our listeners must be there by then.
            found["live.js"] = Joined("live.js", ["uPlot.iife.min.js", .. ours.Where(n => n.EndsWith(".js", StringComparison.Ordinal)), "htmx.min.js", "hx-sse.min.js"], found);
        }

        return found;
    }

    static (byte[], string, string) Joined(string name, IEnumerable<string> parts, Dictionary<string, (byte[], string, string)> found) =>
        Asset(name, [.. parts.SelectMany(n => found[n].Item1.Concat(name.EndsWith(".js", StringComparison.Ordinal) ? ";\n"u8.ToArray() : "\n"u8.ToArray()))]);

    static (byte[], string, string) Asset(string name, byte[] bytes) => (bytes, Types[Path.GetExtension(name)], $"/assets/{name}?v={Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}");
}
