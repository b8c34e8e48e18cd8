using System.CommandLine;
using Trainer;
using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary>The files of a model that a command line names: a folder, or <c>slot:NAME</c>.</summary>
static class NamedModel
{
    /// <summary>The files of a folder, or of what a named slot holds.</summary>
    /// <exception cref="WorkflowException">There is no such slot.</exception>
    public static FileSet Files(CliContext context, ParseResult parse, string name)
    {
        if (!name.StartsWith(StageRef.ModelSlotPrefix, StringComparison.Ordinal))
        {
            return FileSet.FromFolder(context.PathOf(name));
        }

        using var ledger = context.OpenRead(parse);
        return Files(context.PathsOf(parse), ledger.ModelSlot(name[StageRef.ModelSlotPrefix.Length..])[0].ArtifactId);
    }

    /// <summary>The files of a committed model.</summary>
    public static FileSet Files(HomePaths paths, string artifactId) =>
        new($"model {HumanText.Short(artifactId)}", ArtifactFiles.ManifestOf(paths, artifactId).Members.ToDictionary(m => m.Name, m => paths.Blob(m.Hash), StringComparer.Ordinal));
}
