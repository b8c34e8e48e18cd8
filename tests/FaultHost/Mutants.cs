using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;

namespace FaultHost;

/// <summary>The protocol with one bug seeded, so that the suite can show it would see it.</summary>
static class Mutants
{
    /// <summary>Whether this process goes about without the home's lock.</summary>
    public static bool Unlocked => Environment.GetEnvironmentVariable("FAULT_MUTANT") == "no-lock";

    public static HostOptions Apply(HostOptions options, string? name) => name switch
    {
        null or "" or "no-lock" => options,
        "no-fence" => options with { Fence = new NoFence() },
        "epoch-reset" => options with { Fence = new EpochReset() },
        "commit-first" => options with { Commits = home => new CommitFirst(home) },
        "deaf-commit" => options with { Commits = home => new DeafCommit(home) },
        "write-in-place" => options with { Store = home => new InPlaceStore(home) },
        _ => throw new ArgumentException($"unknown mutant {name}"),
    };

    /// <summary>Nobody asks whether the attempt still holds its node.</summary>
    sealed class NoFence : Fence
    {
        public override bool Holds(LedgerConnection db, Claim claim) => true;
    }

    /// <summary>The generation starts again at 1 with every take-over.</summary>
    sealed class EpochReset : Fence
    {
        public override long Next(LedgerConnection db, string runId, string nodeId)
        {
            db.Execute("UPDATE attempt SET epoch=-rowid WHERE run_id=?1 AND node_id=?2", runId, nodeId);
            db.Execute("UPDATE node SET epoch=1 WHERE run_id=?1 AND node_id=?2", runId, nodeId);
            return 1;
        }

        public override bool Holds(LedgerConnection db, Claim claim) =>
            db.Number("SELECT COUNT(*) FROM node WHERE run_id=?1 AND node_id=?2 AND epoch=?3 AND state='running'", claim.RunId, claim.NodeId, claim.Epoch) == 1;
    }

    /// <summary>Refers to bytes before they are there.</summary>
    sealed class CommitFirst(Home home) : NodeCommits(home)
    {
        public override bool PublishAndCommit(Claim claim, MemoKey key, NodeInputs inputs, IReadOnlyList<SealedArtifact> outputs)
        {
            if (!Intend(claim, outputs.SelectMany(o => o.Files)) || !Commit(claim, key, inputs, outputs, recheck: false))
            {
                return false;
            }

            Publish(outputs.SelectMany(o => o.Files));
            Chaos.Point("publish.after");
            return true;
        }
    }

    /// <summary>Commits although the run is to be cancelled.</summary>
    sealed class DeafCommit(Home home) : NodeCommits(home)
    {
        public override bool PublishAndCommit(Claim claim, MemoKey key, NodeInputs inputs, IReadOnlyList<SealedArtifact> outputs)
        {
            if (!Intend(claim, outputs.SelectMany(o => o.Files)))
            {
                return false;
            }

            Publish(outputs.SelectMany(o => o.Files));
            Chaos.Point("publish.after");
            Home.Ledger.Write(db => db.Execute("UPDATE run SET cancel_requested_us=NULL WHERE run_id=?1", claim.RunId));
            return Commit(claim, key, inputs, outputs, recheck: true);
        }
    }

    /// <summary>Writes the bytes at their final name.</summary>
    sealed class InPlaceStore(HomePaths home) : ArtifactStore(home)
    {
        private protected override void Place(string staged, string final)
        {
            var bytes = File.ReadAllBytes(staged);
            using var stream = new FileStream(final, FileMode.Create, FileAccess.Write, FileShare.Read, 1);
            stream.Write(bytes.AsSpan(0, bytes.Length / 2));
            stream.Flush();
            Chaos.Point("place.half");
            stream.Write(bytes.AsSpan(bytes.Length / 2));
        }
    }
}
