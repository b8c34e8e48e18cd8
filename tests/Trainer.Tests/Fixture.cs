namespace Trainer.Tests;

/// <summary>Finds fixture files beside the tests, and the shared folder where there is one.</summary>
public static class Fixture
{
    /// <summary>A file under Fixtures.</summary>
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    /// <summary>A file of the shared folder; skips the test where it is absent.</summary>
    public static string Shared(string name)
    {
        var path = Candidates().Select(folder => Path.Combine(folder, name)).FirstOrDefault(p => File.Exists(p) || Directory.Exists(p));
        Assert.SkipWhen(path is null, $"shared/{name} is not on this machine (WORKFLOW_SHARED may name the folder)");
        return path!;
    }

    static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("WORKFLOW_SHARED") is { Length: > 0 } given)
        {
            yield return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "shared");
        }
    }
}
