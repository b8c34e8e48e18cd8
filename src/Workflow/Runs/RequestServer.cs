using DataPrep;
using Workflow.Ledger;
using Workflow.Runs.Acts;

namespace Workflow.Runs;

/// <summary>Takes what other processes ask for from the ledger and hands it to the dispatcher.</summary>
sealed class RequestServer(Home home, Dispatcher dispatcher, Func<string, IRunObserver> observerOf)
{
    Requeuer? requeuer;

    /// <summary>Held while runs are made to go on: two that find the same run at rest must not both queue it.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>Makes nodes run again.</summary>
    public Requeuer Requeuer => requeuer ??= new Requeuer(home, dispatcher, Start);

    static readonly TimeSpan Seen = TimeSpan.FromSeconds(15);

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(home.Options.Sweep, home.Options.Time);
        var told = home.Options.Time.GetTimestamp();
        try
        {
            do
            {
                if (home.Options.Time.GetElapsedTime(told) >= Seen)
                {
                    // One that executes nothing is seen by others, too.
                    await home.Ledger.WriteAsync(db => db.Execute("UPDATE worker SET seen_us=?2 WHERE worker_id=?1", home.WorkerId, home.Now), cancellationToken);
                    told = home.Options.Time.GetTimestamp();
                }

                await Gate.WaitAsync(cancellationToken);
                try
                {
                    await TakeAllAsync();
                }
                finally
                {
                    Gate.Release();
                }
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
            if (new RunRows(home).Resume(runId, "serve", byItself: true))
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

    /// <summary>Continues a run that is at rest, because somebody asks.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="also">Done in the same transaction.</param>
    /// <returns>False where it is just ending: nothing was done, look again.</returns>
    /// <exception cref="WorkflowException">It goes on already, or cannot.</exception>
    public bool Resume(string runId, string actor, Action<LedgerConnection> also)
    {
        var state = State(runId);
        if (dispatcher.Has(runId) && RunStates.Ended(state))
        {
            return false;
        }

        if (dispatcher.Has(runId) || !ActStates.Run("resume", state))
        {
            throw new WorkflowException($"Run {runId} is {state}: there is nothing to resume.");
        }

        if (new RunRows(home).Resume(runId, actor, also: also))
        {
            Start(runId);
        }

        return true;
    }

    /// <summary>Takes what is open, oldest first. A request is closed in the transaction that does what it asks, or finds it done: a serve killed in between repeats nothing.</summary>
    internal async Task TakeAllAsync()
    {
        foreach (var request in home.Ledger.Read(db => db.Query("SELECT request_id, kind, run_id, payload, priority, resume_of, actor, reason FROM request WHERE done_us IS NULL ORDER BY created_us, request_id",
            r => new Asked(r.Text(0), r.Text(1), r.TextOrNull(3), new RunRequest(r.Text(6), Reason: r.TextOrNull(7), RunId: r.Text(2)) { Priority = (int?)r.NumberOrNull(4), ResumeOf = r.TextOrNull(5) }))))
        {
            try
            {
                await TakeAsync(request);
            }
            catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
            {
                home.Ledger.Write(db => Close(db, request.Id, fault.Message));
            }
        }
    }

    void Close(LedgerConnection db, string id, string? error = null) =>
        db.Execute("UPDATE request SET taken_us=?2, done_us=?2, error=?3 WHERE request_id=?1 AND done_us IS NULL", id, home.Now, error);

    /// <summary>Carries out a request; one that has to wait stays open for the next look.</summary>
    async Task TakeAsync(Asked asked)
    {
        var (rows, runId, request) = (new RunRows(home), asked.Request.RunId!, asked.Request);
        switch (asked.Kind)
        {
            case "run":
                // A serve that died between making the run and closing the request finds it made.
                if (!Exists(runId))
                {
                    rows.Create(home.Options.JobFromJson(asked.Payload!), request);
                }

                Start(runId);
                break;
            case "restart":
                if (!Exists(runId))
                {
                    rows.Restart(asked.Payload!, request);
                }

                Start(runId);
                break;
            case "resume":
                if (!dispatcher.Has(runId))
                {
                    if (rows.Resume(runId, request.Actor, also: db => Close(db, asked.Id)))
                    {
                        Start(runId);
                    }
                }
                else if (RunStates.Ended(State(runId)))
                {
                    // Just ended, and still being taken leave of.
                    return;
                }

                break;
            case "requeue":
                await Requeuer.TryAsync(Requeuer.Plan(runId), [asked.Payload!], request.Actor, (db, refused) => Close(db, asked.Id, refused.GetValueOrDefault(asked.Payload!)));
                return;
            case "cancel":
                RunRows.RequestCancel(home.Ledger, runId, request.Actor, request.Reason ?? "");
                dispatcher.LookForCancel(runId);
                break;
        }

        home.Ledger.Write(db => Close(db, asked.Id));
    }

    sealed record Asked(string Id, string Kind, string? Payload, RunRequest Request);

    string State(string runId) => home.Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!;

    bool Exists(string runId) => home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM run WHERE run_id=?1", runId)) == 1;
}
