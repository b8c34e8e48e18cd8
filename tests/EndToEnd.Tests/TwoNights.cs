using Xunit;

namespace EndToEnd.Tests;

/// <summary>The first two nights of jobs/nightly.yaml, run by hand: on the corpus as it is cloned, and again when one file has come.</summary>
sealed class TwoNights : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("workflow-nights-");

    /// <summary>The home of both runs.</summary>
    public HomeFolder Home { get; } = new();

    /// <summary>A folder with the job and its corpus, as after the second night.</summary>
    public string Repository => folder.FullName;

    /// <summary>What each night's run printed.</summary>
    public required IReadOnlyList<CommandResult> Runs { get; init; }

    /// <summary>Hashes of what each night published.</summary>
    public required IReadOnlyList<SortedDictionary<string, string>> Artifacts { get; init; }

    /// <summary>The files that come, in the order of their nights.</summary>
    public static IReadOnlyList<string> Arrivals { get; } = [.. Directory.GetFiles(Path.Combine(WorkflowProgram.Root, "jobs", "nightly", "arrivals")).Order(StringComparer.Ordinal)];

    public static async Task<TwoNights> MakeAsync()
    {
        var (runs, artifacts) = (new List<CommandResult>(), new List<SortedDictionary<string, string>>());
        var nights = new TwoNights { Runs = runs, Artifacts = artifacts };
        Clone(nights.Repository);
        for (var night = 0; night < 2; night++)
        {
            if (night > 0)
            {
                Arrive(nights.Repository, night - 1);
            }

            var run = await RunAsync(nights.Repository, nights.Home);
            runs.Add(run);
            artifacts.Add(await TinyRun.ArtifactsOfAsync(nights.Home.Path, (string)run.Json["run"]!));
        }

        return nights;
    }

    /// <summary>Puts the job and its first corpus into a folder, as a clone would hold them.</summary>
    public static void Clone(string repository)
    {
        var from = Path.Combine(WorkflowProgram.Root, "jobs");
        foreach (var file in Directory.GetFiles(Path.Combine(from, "nightly", "corpus"), "*", SearchOption.AllDirectories).Append(Path.Combine(from, "nightly.yaml")))
        {
            var target = Path.Combine(repository, "jobs", Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>Puts the file that comes after a night, counted from 0, into a repository's corpus.</summary>
    public static void Arrive(string repository, int night) => File.Copy(Arrivals[night], Path.Combine(repository, "jobs", "nightly", "corpus", Path.GetFileName(Arrivals[night])));

    /// <summary>Runs the job in a repository to its end.</summary>
    public static async Task<CommandResult> RunAsync(string repository, HomeFolder home)
    {
        var run = await WorkflowProgram.RunInAsync(repository, "run", "jobs/nightly.yaml", "--home", home.Path, "--json");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        return run;
    }

    public void Dispose()
    {
        Home.Dispose();
        folder.Delete(recursive: true);
    }
}
