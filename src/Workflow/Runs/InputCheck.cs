using System.Collections.Concurrent;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>Re-hashes a node's inputs before they are used; a file already found sound by this process is not read again while its time stamp and size stand.</summary>
sealed class InputCheck(LedgerDb ledger, ArtifactStore store)
{
    readonly ConcurrentDictionary<string, (DateTime Written, long Size)> sound = new(StringComparer.Ordinal);

    /// <summary>Verifies every file of every input.</summary>
    /// <exception cref="AttemptFailedException">A damaged file; it is taken out, its memo entries are invalid, the next run or resume computes it again.</exception>
    public void Verify(NodeInputs inputs)
    {
        var artifacts = inputs.Slots.Values.SelectMany(a => a).Concat(inputs.Partitions.SelectMany(p => p.Values));
        foreach (var (artifact, member) in artifacts.DistinctBy(a => a.Id).SelectMany(a => a.Manifest.Members.Select(m => (a, m))))
        {
            if (!Sound(member.Hash))
            {
                var producer = ledger.Read(db => BlobCheck.Producer(db, member.Hash));
                var aside = BlobCheck.TakeOut(ledger, store, member.Hash);
                var by = producer is { } p ? $", published by {p.NodeId} of run {p.RunId}" : "";
                throw new AttemptFailedException(new AttemptFault("corrupt_input",
                    $"Input file {member.Name} of artifact {artifact.Id[..12]} ({artifact.Manifest.Kind}{by}) is {(aside is null ? "missing from" : "damaged in")} the store: blob {member.Hash}. " +
                    $"{(aside is null ? "" : $"It was moved to {aside}. ")}`workflow resume` this run, or run the job again: only what made it is computed again.", "corrupt", FaultClass.Data));
            }
        }
    }

    /// <summary>Whether every file of an artifact is there with the bytes its name says.</summary>
    public bool Sound(InputArtifact artifact) => artifact.Manifest.Members.All(m => Sound(m.Hash));

    bool Sound(string hash)
    {
        var file = new FileInfo(store.PathOf(hash));
        if (!file.Exists)
        {
            return false;
        }

        var stamp = (file.LastWriteTimeUtc, file.Length);
        if (sound.TryGetValue(hash, out var known) && known == stamp)
        {
            return true;
        }

        if (!BlobCheck.Sound(store, hash))
        {
            return false;
        }

        sound[hash] = stamp;
        return true;
    }
}
