namespace DataPrep.Tests;

/// <summary>The folder of real collections beside the repository; a test that needs it is skipped without.</summary>
static class SharedFolder
{
    internal static string Data() => Find("data");

    static string Find(string holding)
    {
        if (Environment.GetEnvironmentVariable("WORKFLOW_SHARED") is { Length: > 0 } named && Directory.Exists(Path.Combine(named, holding)))
        {
            return Path.Combine(named, holding);
        }

        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var path = Path.Combine(folder, "shared", holding);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"real collections are not here: no folder shared/{holding} in or above {AppContext.BaseDirectory}; set WORKFLOW_SHARED");
        return "";
    }
}
