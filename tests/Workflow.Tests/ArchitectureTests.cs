using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Workflow.Tests;

/// <summary>The shape of the house, read from its own files: references go down only, a backend is named in its adapter alone.</summary>
public sealed class ArchitectureTests
{
    static readonly string[] Floors = ["Torch", "DataPrep", "Trainer", "Workflow"];

    [Fact]
    public void Floors_ReferenceOnlyFloorsBelow()
    {
        foreach (var floor in Floors)
        {
            var project = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", floor, floor + ".csproj"));
            var references = project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)).ToList();
            Assert.All(references, below => Assert.True(Array.IndexOf(Floors, below) < Array.IndexOf(Floors, floor), $"{floor} looks up to {below}"));
        }
    }

    [Fact]
    public void TheTrainersApp_ReferencesTheTrainerAlone()
    {
        var project = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", "TrainerApp", "TrainerApp.csproj"));
        Assert.Equal(["Trainer"], project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension((string)r.Attribute("Include")!)));
        Assert.Equal(["System.CommandLine"], project.Descendants("PackageReference").Select(r => (string)r.Attribute("Include")!));
        Assert.Empty(project.Descendants("FrameworkReference"));
    }

    [Fact]
    public void LowerFloors_NameNothingOfTheHost()
    {
        var host = new Regex(@"\busing\s+(static\s+)?(Workflow|Microsoft\.AspNetCore|Microsoft\.Data\.Sqlite|Quartz|Hangfire)\b");
        AssertNowhere(host, f => Folder(f) is "Torch" or "DataPrep" or "Trainer");
        AssertNowhere(new Regex(@"\busing\s+(static\s+)?Trainer\b"), f => Folder(f) is "Torch" or "DataPrep");
        AssertNowhere(new Regex(@"\busing\s+(static\s+)?DataPrep\b"), f => Folder(f) is "Torch");
    }

    /// <summary>A backend and the only places that may say its name: its adapter and the composition root.</summary>
    public static TheoryData<string, string[]> Backends => new()
    {
        { @"\b(libduckdb|DuckDb\w*|duckdb_\w+)\b", ["src/DataPrep/Tables/", "src/Workflow/Program.cs", "src/Workflow/Composition"] },
        { @"\b(Parquet\.Net|ParquetSerializer|ParquetNet\w*|using Parquet)\b", ["src/DataPrep/Tables/", "src/Workflow/Program.cs", "src/Workflow/Composition"] },
        { @"\busing Quartz\b|\bQuartz\.\w", ["src/Workflow/Engine/", "src/Workflow/Program.cs", "src/Workflow/Composition"] },
        { @"\busing Hangfire\b|\bHangfire\.\w", ["src/Workflow/Engine/", "src/Workflow/Program.cs", "src/Workflow/Composition"] },
        { @"\bMicrosoft\.ML\.Tokenizers\b", ["src/DataPrep/Text/", "src/Workflow/Program.cs", "src/Workflow/Composition"] },
        { @"\bSqlite(Connection|Command|DataReader|Parameter|Transaction)\b", ["src/Workflow/Ledger/", "src/Workflow/Runs/", "src/Workflow/Lineage/", "src/Workflow/Artifacts/"] },
        { @"\busing\s+(static\s+)?TorchSharp\b", ["src/Torch/", "src/Trainer/", "src/TrainerApp/", "src/DataPrep/Mining/", "src/Workflow/Cli/DoctorCommand.cs"] },
    };

    [Theory]
    [MemberData(nameof(Backends))]
    public void Backend_IsNamedInItsAdapterAlone(string pattern, string[] allowed) =>
        AssertNowhere(new Regex(pattern), f => !allowed.Any(f.StartsWith));

    static string Folder(string file) => file.Split('/')[1];

    static void AssertNowhere(Regex pattern, Func<string, bool> where)
    {
        var src = Path.Combine(RepositoryFiles.Root, "src");
        var files = Directory.EnumerateFiles(src, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(RepositoryFiles.Root, f).Replace('\\', '/')).ToList();
        Assert.NotEmpty(files);
        var hits = from file in files
                   where @where(file)
                   from line in File.ReadLines(Path.Combine(RepositoryFiles.Root, file)).Select((text, n) => (text, n: n + 1))
                   let code = line.text.TrimStart()
                   where !code.StartsWith("//", StringComparison.Ordinal) && !code.StartsWith('*') && pattern.IsMatch(code)
                   select $"{file}:{line.n}: {code}";
        Assert.Empty(hits);
    }
}
