namespace DataPrep.Tests;

/// <summary>Finds the folder of shared collections and reference outputs beside the repository; tests skip where it is absent.</summary>
static class SharedFolder
{
    /// <summary>Path of a file or folder in it.</summary>
    public static string Path(string relative)
    {
        var path = System.IO.Path.Combine(Root ?? string.Empty, relative);
        if (Root is null || !(File.Exists(path) || Directory.Exists(path)))
        {
            Assert.Skip($"no {relative} in a folder `shared` above the test (or in WORKFLOW_SHARED)");
        }

        return path;
    }

    static readonly string? Root = Find();

    static string? Find()
    {
        if (Environment.GetEnvironmentVariable("WORKFLOW_SHARED") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(System.IO.Path.Combine(shared, "golden")) || Directory.Exists(System.IO.Path.Combine(shared, "data")))
            {
                return shared;
            }
        }

        return null;
    }
}
