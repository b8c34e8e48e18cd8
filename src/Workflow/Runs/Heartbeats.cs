using Microsoft.Data.Sqlite;

namespace Workflow.Runs;

/// <summary>
/// Keeps an attempt's heartbeat: raises its counter, writes its telemetry, reads whether it is to be cancelled. An attempt that no longer holds its node, or that could not say so
/// for the self-fencing time on this process's monotonic clock, is stopped; so is one that makes no progress.
/// </summary>
sealed class Heartbeats(Home home, Claim claim, Telemetry telemetry, AttemptControl control, TimeSpan? stall = null)
{
    /// <summary>Beats until told to end.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(home.Options.Heartbeat, home.Options.Time);
        var last = home.Options.Time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    Beat();
                    if (telemetry.Silence >= stall)
                    {
                        control.Stop(StopReason.Stalled);
                    }

                    last = home.Options.Time.GetTimestamp();
                }
                catch (Exception fault) when (fault is SqliteException or WorkflowException && home.Options.Time.GetElapsedTime(last) < home.Options.SelfFence)
                {
                    // The ledger cannot be written just now: bear it until the self-fencing time.
                }
                catch (Exception fault) when (fault is SqliteException or WorkflowException)
                {
                    control.Stop(StopReason.Fenced);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>One beat.</summary>
    /// <returns>Whether the attempt still holds its node.</returns>
    public bool Beat()
    {
        var (held, cancel) = home.Ledger.Write(db =>
        {
            var now = home.Now;
            if (db.Execute("UPDATE attempt SET hb_ctr=hb_ctr+1, seen_us=?2 WHERE attempt_id=?1 AND state='running'", claim.AttemptId, now) == 0)
            {
                return (false, false);
            }

            db.Execute("UPDATE worker SET seen_us=?2 WHERE worker_id=?1", home.WorkerId, now);
            telemetry.Flush(db, claim);
            return (true, NodeStates.ToStop(db, claim.RunId, claim.NodeId));
        });
        if (!held)
        {
            control.Stop(StopReason.Fenced);
        }
        else if (cancel)
        {
            control.Stop(StopReason.Cancelled);
        }

        return held;
    }
}
