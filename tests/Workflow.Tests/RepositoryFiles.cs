using System.Runtime.CompilerServices;

namespace Workflow.Tests;

/// <summary>Where the repository and the optional shared collections lie, seen from a test.</summary>
static class RepositoryFiles
{
    /// <summary>Root of the repository, from this source file's place at build time.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of real collections and golden values, or null where absent (WORKFLOW_SHARED, else `shared` beside a parent folder).</summary>
    public static string? Shared { get; } = FindShared();

    static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    static string? FindShared()
    {
        var named = Environment.GetEnvironmentVariable("WORKFLOW_SHARED");
        for (var folder = named ?? Path.Combine(Root, "shared"); ;)
        {
            if (Directory.Exists(Path.Combine(folder, "data")))
            {
                return folder;
            }

            var parent = Path.GetDirectoryName(Path.GetDirectoryName(folder));
            if (named is not null || parent is null)
            {
                return null;
            }

            folder = Path.Combine(parent, "shared");
        }
    }
}
