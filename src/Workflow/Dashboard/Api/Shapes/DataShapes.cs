namespace Workflow.Dashboard.Api.Shapes;

/// <summary>An artifact as lists show it.</summary>
/// <param name="Hash">Its id: the hash of its manifest.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LogicalHash">Hash of its content, whatever the codec.</param>
/// <param name="Rows">Rows, or null.</param>
/// <param name="Size">Bytes of its files.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Created">When it was first published.</param>
sealed record ArtifactItem(string Hash, string Kind, string LogicalHash, long? Rows, long Size, long Files, DateTimeOffset Created);

/// <summary>A file of an artifact.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hash">Hash of its bytes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Rows">Rows, or null.</param>
sealed record MemberItem(string Name, string Hash, long Size, long? Rows);

/// <summary>A node that published or read an artifact.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Job">The run's job.</param>
/// <param name="Node">The node.</param>
/// <param name="Slot">The slot.</param>
/// <param name="Started">When the attempt began.</param>
sealed record ArtifactUse(string Run, string Job, string Node, string Slot, DateTimeOffset Started);

/// <summary>An artifact with its files, who made it and who read it.</summary>
/// <param name="Artifact">The artifact.</param>
/// <param name="Members">Its files in order; 200 at most.</param>
/// <param name="Meta">Facts of its manifest.</param>
/// <param name="Producers">Who published it, newest first; 200 at most.</param>
/// <param name="Consumers">Who read it, newest first; 200 at most.</param>
sealed record ArtifactView(ArtifactItem Artifact, IReadOnlyList<MemberItem> Members, IReadOnlyDictionary<string, string> Meta, IReadOnlyList<ArtifactUse> Producers, IReadOnlyList<ArtifactUse> Consumers);

/// <summary>The first rows of a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Columns">Names of its columns.</param>
/// <param name="Rows">Cells as text, in the order of the columns.</param>
sealed record SampleView(string File, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A data set.</summary>
/// <param name="Dataset">Its name.</param>
/// <param name="Versions">How many versions it has.</param>
/// <param name="Newest">Its newest version.</param>
sealed record DatasetItem(string Dataset, long Versions, VersionItem Newest);

/// <summary>A version of a data set.</summary>
/// <param name="Seq">Its number, from 1.</param>
/// <param name="Hash">The artifact.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Rows">Rows, or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Run">The run that made it.</param>
/// <param name="Created">When.</param>
sealed record VersionItem(long Seq, string Hash, string Kind, long? Rows, long Size, string Run, DateTimeOffset Created);

/// <summary>Files and their bytes.</summary>
/// <param name="Files">How many.</param>
/// <param name="Bytes">Their bytes.</param>
readonly record struct FileCount(long Files, long Bytes);

/// <summary>What lies on the disk.</summary>
/// <param name="Store">Files of the store by state: live, doomed, missing.</param>
/// <param name="Artifacts">Artifacts by kind, with the bytes of their files; files that several share are counted for each.</param>
/// <param name="LedgerBytes">Bytes of the ledger.</param>
/// <param name="WalBytes">Bytes of its write-ahead log.</param>
/// <param name="FreeBytes">Free bytes of the disk.</param>
sealed record StorageView(IReadOnlyDictionary<string, FileCount> Store, IReadOnlyDictionary<string, FileCount> Artifacts, long LedgerBytes, long WalBytes, long FreeBytes);

/// <summary>What collecting garbage would do: the shape of <c>gc --dry-run --json</c>.</summary>
/// <param name="DryRun">true: nothing was done.</param>
/// <param name="Marked">Files newly found unreachable: they go once their grace is over.</param>
/// <param name="MarkedBytes">Their bytes.</param>
/// <param name="Deleted">Files that would go now.</param>
/// <param name="DeletedBytes">Their bytes.</param>
/// <param name="Strays">Files in the store that the ledger does not know.</param>
/// <param name="Staging">Abandoned staging folders.</param>
/// <param name="Kept">Files kept.</param>
sealed record GcView(bool DryRun, int Marked, long MarkedBytes, int Deleted, long DeletedBytes, int Strays, int Staging, int Kept);
