using System.Runtime.InteropServices;

namespace DataPrep.Readers;

/// <summary>Finds the documentation of the .NET reference assemblies that every SDK carries.</summary>
public static class DotnetSdkFiles
{
    static readonly string[] Packs = ["Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"];

    /// <summary>The XML files of the newest reference packs: the base library first, then ASP.NET Core, each in ordinal order. Names are "PACK/FILE.xml", the same over patch versions.</summary>
    /// <param name="roots">Folders where .NET may be installed; null looks in DOTNET_ROOT, the running one's folder, /usr/share/dotnet, /usr/lib/dotnet and ~/.dotnet, and takes the first that has packs.</param>
    /// <exception cref="DataPrepException">None has any XML; the message names them.</exception>
    public static IReadOnlyList<CorpusFile> Find(IReadOnlyList<string>? roots = null)
    {
        roots ??= Installed();
        foreach (var root in roots)
        {
            var files = Packs.SelectMany(pack => OfPack(Path.Combine(root, "packs", pack), pack)).ToList();
            if (files.Count > 0)
            {
                return files;
            }
        }

        throw new DataPrepException(
            $"No .NET SDK with XML documentation was found: looked for packs/{Packs[0]}/*/ref/*/*.xml in {string.Join(", ", roots)}. Install the .NET SDK (not only its runtime), or set DOTNET_ROOT to its folder.");
    }

    static List<string> Installed()
    {
        var runtime = RuntimeEnvironment.GetRuntimeDirectory(); // ROOT/shared/Microsoft.NETCore.App/VERSION/
        return
        [
            .. new[]
            {
                Environment.GetEnvironmentVariable("DOTNET_ROOT"),
                Path.GetFullPath(Path.Combine(runtime, "..", "..", "..")),
                "/usr/share/dotnet",
                "/usr/lib/dotnet",
                Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet"),
            }.OfType<string>().Where(r => r.Length > 0).Select(r => r.Length > 1 ? r.TrimEnd('/') : r).Distinct(),
        ];
    }

    static IEnumerable<CorpusFile> OfPack(string folder, string pack)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var newest = Directory.GetDirectories(folder).OrderByDescending(d => Parse(Path.GetFileName(d)).Version).ThenBy(d => Parse(Path.GetFileName(d)).Preview, PreviewOrder).ThenBy(d => d, StringComparer.Ordinal);
        return newest.Select(version => Directory.Exists(Path.Combine(version, "ref")) ? Directory.GetFiles(Path.Combine(version, "ref"), "*.xml", SearchOption.AllDirectories) : [])
            .FirstOrDefault(files => files.Length > 0, [])
            .OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal)
            .Select(f => new CorpusFile(f, $"{pack}/{Path.GetFileName(f)}"));
    }

    static readonly Comparer<string> PreviewOrder = Comparer<string>.Create((a, b) => a.Length == 0 || b.Length == 0 ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(b, a));

    static (Version Version, string Preview) Parse(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return (Version.TryParse(dash < 0 ? name : name[..dash], out var version) ? version : new Version(0, 0), dash < 0 ? "" : name[dash..]);
    }
}
