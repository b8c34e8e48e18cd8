namespace Workflow.Runs;

/// <summary>What a process that takes a home puts in order first: nodes of dead holders, abandoned staging folders, missing views. Doing it twice changes nothing.</summary>
static class Recovery
{
    /// <summary>Recovers.</summary>
    /// <returns>How many attempts were lost with their processes.</returns>
    public static int Run(Home home)
    {
        Chaos.Point("recovery.before");
        var dead = home.Ledger.Read(db => db.Query("SELECT attempt_id, host, pid, pid_start, boot_id FROM attempt WHERE state='running'",
                r => (Id: r.Text(0), Process: new ProcessIdentity(r.Text(1), r.Number(2), r.Number(3), r.Text(4)))))
            .Where(a => a.Process.IsDead()).ToList();
        foreach (var attempt in dead)
        {
            home.Claims.Release(attempt.Id, null, "lost", cleanStaging: true);
        }

        home.Ledger.Write(db =>
        {
            var now = home.Now;
            foreach (var (id, process) in db.Query("SELECT worker_id, host, pid, pid_start, boot_id FROM worker WHERE ended_us IS NULL AND worker_id<>?1",
                r => (r.Text(0), new ProcessIdentity(r.Text(1), r.Number(2), r.Number(3), r.Text(4))), home.WorkerId))
            {
                if (process.IsDead())
                {
                    db.Execute("UPDATE worker SET ended_us=?2 WHERE worker_id=?1", id, now);
                }
            }

            db.Execute("""
                UPDATE run SET state='interrupted' WHERE state IN('running','queued') AND worker_id IN (SELECT worker_id FROM worker WHERE ended_us IS NOT NULL)
                  AND NOT EXISTS (SELECT 1 FROM attempt t WHERE t.run_id=run.run_id AND t.state='running')
                """);
            db.Execute("UPDATE node SET state='waiting' WHERE state IN('ready','retry_wait') AND run_id IN (SELECT run_id FROM run WHERE state='interrupted')");
            db.Execute("DELETE FROM blob_intent WHERE attempt_id NOT IN (SELECT attempt_id FROM attempt WHERE state='running')");
            db.Execute("UPDATE slot SET attempt_id=NULL, epoch=epoch+1 WHERE attempt_id IS NOT NULL AND attempt_id NOT IN (SELECT attempt_id FROM attempt WHERE state='running')");
            foreach (var run in db.Query("SELECT run_id FROM run WHERE cancel_requested_us IS NOT NULL AND state IN('queued','running','interrupted')", r => r.Text(0)))
            {
                NodeStates.RollUp(db, home.History, run, now);
            }
        });
        SweepStaging(home);
        home.Views.MakeMissing();
        Chaos.Point("recovery.after");
        return dead.Count;
    }

    /// <summary>Removes staging folders of attempts that no longer run.</summary>
    public static int SweepStaging(Home home)
    {
        var alive = home.Ledger.Read(db => db.Query("SELECT staging FROM attempt WHERE state='running' AND staging IS NOT NULL", r => Path.Combine(home.Paths.Root, r.Text(0))));
        return StagingFolders.Sweep(home.Paths.Staging, alive.ToHashSet(StringComparer.Ordinal));
    }
}
