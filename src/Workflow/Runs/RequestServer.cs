using DataPrep;

namespace Workflow.Runs;

/// <summary>Takes what other processes ask for from the ledger and hands it to the dispatcher.</summary>
sealed class RequestServer(Home home, Dispatcher dispatcher, Func<string, IRunObserver> observerOf)
{
    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(home.Options.Sweep, home.Options.Time);
        try
        {
            do
            {
                TakeAll();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Executes a run in the background.</summary>
    public void Start(string runId) => dispatcher.Start(runId, observerOf(runId));

    /// <summary>Goes on with a run that an earlier serve left. What cannot go on ends failed and says why: it must neither keep the others from being served nor hold its schedule back for ever.</summary>
    public void TryResume(string runId)
    {
        try
        {
            if (new RunRows(home).Resume(runId, "serve", unlessCancelled: true))
            {
                Start(runId);
            }
        }
        catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
        {
            home.Ledger.Write(db =>
            {
                db.Execute("UPDATE node SET state='skipped', ended_us=?2 WHERE run_id=?1 AND state IN('waiting','ready','retry_wait')", runId, home.Now);
                if (db.Execute("UPDATE run SET state='failed', ended_us=?2, error_text=?3 WHERE run_id=?1 AND state='interrupted'", runId, home.Now, fault.Message) == 1)
                {
                    home.History.Add(db, "run.ended", runId, detail: "failed");
                }
            });
        }
    }

    void TakeAll()
    {
        foreach (var request in home.Ledger.Read(db => db.Query("SELECT request_id, kind, run_id, payload, priority, resume_of, actor, reason FROM request WHERE done_us IS NULL ORDER BY created_us, request_id",
            r => (Id: r.Text(0), Kind: r.Text(1), RunId: r.Text(2), Payload: r.TextOrNull(3), Request: new RunRequest(r.Text(6), Reason: r.TextOrNull(7), RunId: r.Text(2)) { Priority = (int?)r.NumberOrNull(4), ResumeOf = r.TextOrNull(5) }))))
        {
            string? error = null;
            try
            {
                if (!Take(request.Kind, request.RunId, request.Payload, request.Request))
                {
                    continue;
                }
            }
            catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
            {
                error = fault.Message;
            }

            home.Ledger.Write(db => db.Execute("UPDATE request SET taken_us=?2, done_us=?2, error=?3 WHERE request_id=?1", request.Id, home.Now, error));
        }
    }

    /// <summary>Carries out a request; false where it has to wait for the next look.</summary>
    bool Take(string kind, string runId, string? payload, RunRequest request)
    {
        var rows = new RunRows(home);
        switch (kind)
        {
            case "run":
                // A serve that died between making the run and closing the request finds it made.
                if (!Exists(runId))
                {
                    rows.Create(home.Options.JobFromJson(payload!), request);
                }

                Start(runId);
                break;
            case "restart":
                if (!Exists(runId))
                {
                    rows.Restart(payload!, request);
                }

                Start(runId);
                break;
            case "resume":
                if (dispatcher.Has(runId))
                {
                    // One that has ended in this moment is still being taken leave of.
                    return !RunStates.Ended(State(runId));
                }

                if (rows.Resume(runId, request.Actor))
                {
                    Start(runId);
                }

                break;
            case "cancel":
                RunRows.RequestCancel(home.Ledger, runId, request.Actor);
                dispatcher.LookForCancel(runId);
                break;
        }

        return true;
    }

    string State(string runId) => home.Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!;

    bool Exists(string runId) => home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM run WHERE run_id=?1", runId)) == 1;
}
