using Workflow.Artifacts;

namespace Workflow.Stages;

/// <summary>What a child process is asked to do: a JSON file in the attempt's staging folder.</summary>
sealed record ChildRequest
{
    public required string Stage { get; init; }

    public required string Options { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<ChildArtifact>> Inputs { get; init; }

    public required IReadOnlyList<IReadOnlyDictionary<string, ChildArtifact>> Partitions { get; init; }

    public required StagePartition? Partition { get; init; }

    public required IReadOnlyList<ExternalFile> Files { get; init; }

    public required IReadOnlyList<ChildCheckpoint> Checkpoints { get; init; }

    public required ChildPrevious? Previous { get; init; }

    public required string Root { get; init; }

    public required long Seed { get; init; }

    public required int Threads { get; init; }

    public required string Scratch { get; init; }

    public required string Outputs { get; init; }

    /// <summary>Folder in which the host answers: a file per request number.</summary>
    public required string Answers { get; init; }
}

/// <summary>An input as JSON; the manifest in its canonical text.</summary>
sealed record ChildArtifact(string Id, string Manifest, IReadOnlyList<string> Paths)
{
    public static ChildArtifact Of(InputArtifact artifact) => new(artifact.Id, ManifestText.Write(artifact.Manifest), artifact.Paths);

    public InputArtifact Open() => new(Id, ManifestText.Read(Manifest), Paths);
}

/// <summary>Earlier results as JSON.</summary>
sealed record ChildPrevious(string RunId, IReadOnlyDictionary<string, ChildArtifact> Slots)
{
    public static ChildPrevious? Of(PreviousOutputs? previous) =>
        previous is null ? null : new(previous.RunId, previous.Slots.ToDictionary(s => s.Key, s => ChildArtifact.Of(s.Value), StringComparer.Ordinal));

    public PreviousOutputs Open() => new(RunId, Slots.ToDictionary(s => s.Key, s => s.Value.Open(), StringComparer.Ordinal));
}

/// <summary>A checkpoint as JSON.</summary>
sealed record ChildCheckpoint(long Step, string Cursor, ChildArtifact Artifact);

/// <summary>The host's answer to a numbered request.</summary>
sealed record ChildAnswer(bool Done, string? Error);
