using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.StoragePages;

/// <summary>A count and its bytes.</summary>
public sealed record StorageTally(string Name, long Count, long Bytes);

/// <summary>What a run published.</summary>
public sealed record StorageRun(string RunId, string Job, string State, DateTimeOffset Created, long Artifacts, long Bytes);

/// <summary>A checkpoint that is kept.</summary>
public sealed record StorageCheckpoint(string RunId, string Node, long Step, bool Best, string ArtifactId, long Bytes, DateTimeOffset Created);

/// <summary>A pin.</summary>
public sealed record StoragePin(string ArtifactId, string Kind, long Bytes, string Reason, string Actor, DateTimeOffset? Until, DateTimeOffset? Pinned);

/// <summary>A garbage collection that someone asked for.</summary>
public sealed record StorageCollection(string Id, string Actor, string Reason, TimeSpan Keep, TimeSpan Grace, DateTimeOffset Asked, DateTimeOffset? Started, DateTimeOffset? Ended, GcReport? Report, string? Error);

/// <summary>A folder of work in progress, or left over from it.</summary>
public sealed record StagingFolder(string Path, bool Running, long Bytes, bool More, DateTimeOffset Touched);

/// <summary>What the page of storage shows of the ledger.</summary>
public sealed record StorageModel(IReadOnlyList<StorageTally> States, IReadOnlyList<StorageTally> Kinds, IReadOnlyList<StorageRun> Runs, IReadOnlyList<ArtifactRow> Largest, IReadOnlyList<StorageCheckpoint> Checkpoints,
    IReadOnlyList<StoragePin> Pins, IReadOnlyList<StorageCollection> Collections, IReadOnlyList<(DateOnly Day, long Count, long Bytes)> Growth);

/// <summary>What the page of storage shows of the disk.</summary>
public sealed record DiskModel(long Free, long Total, long Ledger, long Wal, IReadOnlyList<StagingFolder> Staging, bool MoreStaging);
