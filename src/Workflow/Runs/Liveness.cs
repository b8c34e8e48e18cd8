namespace Workflow.Runs;

/// <summary>
/// Watches attempts of other workers: one whose process is proven dead is released at once, one whose heartbeat counter stands still for the take-over time on this process's monotonic
/// clock after that. No wall clock is compared, and the release itself asks again whether the counter still stands.
/// </summary>
sealed class Liveness(Home home)
{
    readonly Dictionary<string, (long Counter, long Since)> seen = new(StringComparer.Ordinal);

    /// <summary>Looks once; returns how many nodes were released.</summary>
    public int Look(string runId)
    {
        var others = home.Ledger.Read(db => db.Query("SELECT attempt_id, hb_ctr, host, pid, pid_start, boot_id FROM attempt WHERE run_id=?1 AND state='running' AND worker_id<>?2",
            r => (Id: r.Text(0), Counter: r.Number(1), Process: new ProcessIdentity(r.Text(2), r.Number(3), r.Number(4), r.Text(5))), runId, home.WorkerId));
        var released = 0;
        foreach (var attempt in others)
        {
            if (attempt.Process.IsDead())
            {
                released += home.Claims.Release(attempt.Id, null, "lost", cleanStaging: true) ? 1 : 0;
                continue;
            }

            var now = home.Options.Time.GetTimestamp();
            if (!seen.TryGetValue(attempt.Id, out var last) || last.Counter != attempt.Counter)
            {
                seen[attempt.Id] = (attempt.Counter, now);
            }
            else if (home.Options.Time.GetElapsedTime(last.Since, now) >= home.Options.Takeover)
            {
                // It may only be asleep: its folder stays its own.
                released += home.Claims.Release(attempt.Id, attempt.Counter, "lost", cleanStaging: false) ? 1 : 0;
                seen.Remove(attempt.Id);
            }
        }

        return released;
    }
}
