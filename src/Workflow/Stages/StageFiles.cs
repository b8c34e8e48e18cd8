using DataPrep;
using DataPrep.Tables;
using Trainer;

namespace Workflow.Stages;

/// <summary>What every wrapper does with a <see cref="StageContext"/>: find input files, describe written tables, hand on progress.</summary>
static class StageFiles
{
    /// <summary>Paths of the files of an input slot whose names start with a prefix, in manifest order; none where the slot was left out.</summary>
    public static IReadOnlyList<string> Paths(this StageContext context, string slot, string prefix = "") =>
        [.. context.Artifacts(slot).SelectMany(a => a.Manifest.Members.Select((m, i) => (m.Name, Path: a.Paths[i]))).Where(f => f.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f.Path)];

    /// <summary>Artifacts of an input slot; none where it was left out.</summary>
    public static IReadOnlyList<InputArtifact> Artifacts(this StageContext context, string slot) => context.Inputs.GetValueOrDefault(slot, []);

    /// <summary>The one artifact of an input slot; null where it was left out.</summary>
    public static InputArtifact? Artifact(this StageContext context, string slot) => context.Artifacts(slot) is [var only, ..] ? only : null;

    /// <summary>The files of an artifact by name.</summary>
    public static FileSet Files(this InputArtifact artifact) => new($"{artifact.Manifest.Kind} {artifact.Id[..12]}",
        artifact.Manifest.Members.Select((m, i) => (m.Name, Path: artifact.Paths[i])).ToDictionary(f => f.Name, f => f.Path, StringComparer.Ordinal));

    /// <summary>Path of an external file of this node by its name.</summary>
    public static string PathOf(this StageContext context, string name) => context.Files.Single(f => f.Name == name).Path;

    /// <summary>States rows and logical hash of a table written into an output slot.</summary>
    public static void Describe(this StageContext context, string slot, TableFile file) => context.Describe(slot, file.Name, file.Rows, file.LogicalHash);

    /// <summary>Lists what each partition published under a slot again, file for file, in partition order.</summary>
    public static void IncludePartitions(this StageContext context, string slot)
    {
        foreach (var partition in context.Partitions)
        {
            foreach (var member in partition[slot].Manifest.Members)
            {
                context.Include(slot, partition[slot], member.Name, member.Name);
            }
        }
    }

    /// <summary>Progress of a lower floor, handed on as it comes.</summary>
    public static IProgress<StageProgress> Reporter(this StageContext context) => new HandOn(context);

    sealed class HandOn(StageContext context) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => context.Progress(value);
    }
}
