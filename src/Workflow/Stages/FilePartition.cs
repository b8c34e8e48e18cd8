using System.Globalization;
using System.Text.Json;
using DataPrep;
using DataPrep.Readers;

namespace Workflow.Stages;

/// <summary>Partitions that are one file of a corpus each. Their keys depend on the file's name alone, so that a file that comes or goes moves no other.</summary>
static class FilePartition
{
    const int LongestName = 48;
    const string File = "file";
    const string Source = "source";

    /// <summary>The partition of a file.</summary>
    public static StagePartition Of(CorpusFile file, string hash)
    {
        var shown = string.Concat(Path.GetFileName(file.Name).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_').TakeLast(LongestName));
        return new StagePartition($"{shown}-{StableHash.Of(0, file.Name):x16}", $$"""{"source":{{file.Source}}}""", [new ExternalFile(file.Path, file.Name, hash)]);
    }

    /// <summary>Says in a partition's documents where in the corpus they stand.</summary>
    public static void Mark(StageContext context, StagePartition partition)
    {
        using var semantic = JsonDocument.Parse(partition.Semantic);
        if (semantic.RootElement.TryGetProperty(Source, out var source))
        {
            context.Meta("documents", File, partition.Files[0].Name);
            context.Meta("documents", Source, source.GetInt32().ToString("D5", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What partitions published, in corpus order: by source, then by name; numbered partitions stand as they are.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, InputArtifact>> InCorpusOrder(IReadOnlyList<IReadOnlyDictionary<string, InputArtifact>> partitions) =>
        [.. partitions.OrderBy(p => Meta(p, Source), StringComparer.Ordinal).ThenBy(p => Meta(p, File), StringComparer.Ordinal)];

    static string Meta(IReadOnlyDictionary<string, InputArtifact> partition, string key) => partition["documents"].Manifest.Meta.GetValueOrDefault(key, "");
}
