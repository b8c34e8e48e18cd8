using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>P7: human paths <c>runs/RUN/STAGE/SLOT/FILE</c>, relative links into the store; pages are copies. Derived from the ledger alone and made again wherever missing.</summary>
sealed class Views(HomePaths home, LedgerDb ledger)
{
    /// <summary>Makes the links of one node that has ended well.</summary>
    public void Make(string runId, string nodeId)
    {
        var files = ledger.Read(db => db.Query("""
            SELECT e.slot, m.name, m.blob_hash, a.blob_hash FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
            JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out'
            JOIN artifact a ON a.artifact_id=e.artifact_id LEFT JOIN artifact_member m ON m.artifact_id=a.artifact_id
            WHERE n.run_id=?1 AND n.node_id=?2 AND n.kind<>'partition'
            """, r => (Slot: r.Text(0), Name: r.TextOrNull(1), Hash: r.TextOrNull(2), Manifest: r.Text(3)), runId, nodeId));
        foreach (var slot in files.GroupBy(f => f.Slot, StringComparer.Ordinal))
        {
            var folder = Path.Combine(home.Runs, runId, nodeId, slot.Key);
            Link(Path.Combine(folder, "manifest.json"), home.Blob(slot.First().Manifest));
            foreach (var file in slot.Where(f => f.Name is not null))
            {
                // A browser takes a file for what its real name says, and those of the store say nothing.
                Action<string, string> make = file.Name!.EndsWith(".html", StringComparison.Ordinal) ? Copy : Link;
                make(Path.Combine(folder, file.Name!), home.Blob(file.Hash!));
            }
        }

        ledger.Write(db => db.Execute("UPDATE node SET view_done=1 WHERE run_id=?1 AND node_id=?2 AND state IN('succeeded','reused')", runId, nodeId));
    }

    /// <summary>Makes the links that a killed process left unmade.</summary>
    public void MakeMissing()
    {
        foreach (var (run, node) in ledger.Read(db => db.Query("SELECT run_id, node_id FROM node WHERE view_done=0 AND state IN('succeeded','reused')", r => (r.Text(0), r.Text(1)))))
        {
            Make(run, node);
        }
    }

    static void Copy(string path, string source)
    {
        var present = new FileInfo(path);
        if (present is { Exists: true, LinkTarget: null } && present.Length == new FileInfo(source).Length)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var half = path + ".part";
        File.Copy(source, half, overwrite: true);
        File.Move(half, path, overwrite: true);
    }

    static void Link(string link, string target)
    {
        var folder = Path.GetDirectoryName(link)!;
        Directory.CreateDirectory(folder);
        var relative = Path.GetRelativePath(folder, target);
        var present = new FileInfo(link);
        if (present.LinkTarget == relative)
        {
            return;
        }

        if (present.LinkTarget is not null || present.Exists)
        {
            present.Delete();
        }

        File.CreateSymbolicLink(link, relative);
    }
}
