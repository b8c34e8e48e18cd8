using Workflow.Artifacts;

namespace Workflow.Cli;

/// <summary>Finds the files of committed artifacts: an artifact's id is the hash of its manifest, itself a file of the store.</summary>
static class ArtifactFiles
{
    /// <summary>The manifest of an artifact.</summary>
    public static Manifest ManifestOf(HomePaths paths, string artifactId)
    {
        var file = paths.Blob(artifactId);
        return File.Exists(file)
            ? ManifestText.Read(File.ReadAllText(file))
            : throw new WorkflowException($"The manifest of artifact {HumanText.Short(artifactId)} is gone from the store ({file}). `workflow verify` tells what else is.");
    }

    /// <summary>Path of a file of an artifact; null where it has none of that name.</summary>
    public static string? PathOf(HomePaths paths, string artifactId, string name) =>
        ManifestOf(paths, artifactId).Members.FirstOrDefault(m => m.Name == name) is { } member ? paths.Blob(member.Hash) : null;
}
