using Workflow.Artifacts;
using Workflow.Engine;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Outside;
using Workflow.Runs.Acts;
using Workflow.Schedules;

namespace Workflow.Runs;

/// <summary>
/// Runs, resumes and cancels: in this process where it can take the home's lock, else through the process that serves the home. Reads never come here, see <c>RunQueries</c>.
/// </summary>
/// <param name="paths">The home.</param>
/// <param name="options">How this process executes.</param>
public sealed class RunService(HomePaths paths, HostOptions options)
{
    /// <summary>Runs a job to its end.</summary>
    /// <param name="job">The checked job.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="observer">Watches.</param>
    /// <param name="cancellationToken">Stops it: attempts are given back, the run is interrupted and can be resumed.</param>
    /// <exception cref="WorkflowException">Another process that does not serve holds the home.</exception>
    public Task<RunOutcome> RunAsync(JobSpec job, RunRequest request, IRunObserver observer, CancellationToken cancellationToken)
    {
        var asked = request with { RunId = request.RunId ?? options.Time.NewId() };
        return ExecuteAsync("run", job.Json, asked, rows => rows.Create(job, asked), observer, cancellationToken);
    }

    /// <summary>Continues an unfinished, failed or cancelled run under its id, its plan taken from the stored job.</summary>
    /// <param name="runId">Full id, see <see cref="RunQueries.ResolveRun"/>.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="observer">Watches.</param>
    /// <param name="cancellationToken">Stops it again.</param>
    public Task<RunOutcome> ResumeAsync(string runId, RunRequest request, IRunObserver observer, CancellationToken cancellationToken) =>
        ExecuteAsync("resume", null, request with { RunId = runId }, rows => rows.Resume(runId, request.Actor) ? runId : null, observer, cancellationToken);

    /// <summary>Runs a run's job again from a stage on: a new run that computes the stage and all that follows it, whatever the memo holds.</summary>
    /// <param name="runId">The earlier run, in any state.</param>
    /// <param name="stage">The stage to start from.</param>
    /// <param name="request">Who asks.</param>
    /// <param name="observer">Watches.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<RunOutcome> RestartAsync(string runId, string stage, RunRequest request, IRunObserver observer, CancellationToken cancellationToken)
    {
        var asked = request with { RunId = request.RunId ?? options.Time.NewId(), ResumeOf = runId };
        return ExecuteAsync("restart", stage, asked, rows => rows.Restart(stage, asked), observer, cancellationToken);
    }

    /// <summary>Executes here under the home's lock, or asks the process that serves the home.</summary>
    /// <param name="kind">What to ask for.</param>
    /// <param name="payload">What goes with the request.</param>
    /// <param name="asked">The request, with the run's id.</param>
    /// <param name="begin">Writes the run that is to be driven here; null where nothing is left to do.</param>
    /// <param name="observer">Watches.</param>
    /// <param name="cancellationToken">Stops it.</param>
    async Task<RunOutcome> ExecuteAsync(string kind, string? payload, RunRequest asked, Func<RunRows, string?> begin, IRunObserver observer, CancellationToken cancellationToken)
    {
        if (await LockAsync(kind, cancellationToken) is not { } held)
        {
            return await AskAsync(kind, payload, asked, observer, cancellationToken);
        }

        using (held)
        {
            return await OnDiskAsync(async () =>
            {
                using var home = new Home(paths, options, kind);
                await using var outside = OutsideServices.Start(paths, home.Ledger, options.Outside);
                Recovery.Run(home);
                return begin(new RunRows(home)) is { } id ? await DriveAsync(home, outside, id, observer, cancellationToken) : Outcome(home.Ledger, asked.RunId!);
            });
        }
    }

    /// <summary>Cancels a run: its executor stops it with its next heartbeat; where none is alive this process ends it. Returns once the run has ended.</summary>
    /// <returns>The state it ended in.</returns>
    public async Task<string> CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.Open(paths.Ledger, options.Time);
        if (!RunRows.RequestCancel(ledger, runId, actor, reason))
        {
            return Outcome(ledger, runId).State;
        }

        while (true)
        {
            // Where no attempt runs nothing needs to be stopped: the run ends here and now, whoever holds the home.
            var state = ledger.Write(db =>
            {
                if (db.Number("SELECT COUNT(*) FROM attempt WHERE run_id=?1 AND state='running'", runId) == 0)
                {
                    NodeStates.RollUp(db, new History(options.Time), runId, options.Time.Micros());
                }

                return db.Text("SELECT state FROM run WHERE run_id=?1", runId)!;
            });
            if (RunStates.Ended(state))
            {
                return state;
            }

            if (await HomeLock.TryAcquireAsync(paths, "cancel", TimeSpan.Zero, options.Time, cancellationToken) is { } held)
            {
                // Nobody executes here: recovery ends what was asked to end.
                using (held)
                using (var home = new Home(paths, options, "cancel"))
                {
                    Recovery.Run(home);
                }

                return ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!;
            }

            await Task.Delay(options.Sweep, options.Time, cancellationToken);
        }
    }

    /// <summary>Serves the home: continues what was running, and takes requests until cancelled.</summary>
    /// <param name="observerOf">Watcher of a run by its id.</param>
    /// <param name="cancellationToken">Ends it; attempts are given back, the next serve goes on with them.</param>
    /// <exception cref="WorkflowException">Another process holds the home.</exception>
    public Task ServeAsync(Func<string, IRunObserver> observerOf, CancellationToken cancellationToken) => OnDiskAsync(async () =>
    {
        await ServeHomeAsync(observerOf, cancellationToken);
        return true;
    });

    async Task ServeHomeAsync(Func<string, IRunObserver> observerOf, CancellationToken cancellationToken)
    {
        using var held = await HomeLock.TryAcquireAsync(paths, "serve", options.LockWait, options.Time, cancellationToken) ?? throw HomeLock.Refusal(paths);
        using var home = new Home(paths, options, "serve");
        await using var outside = OutsideServices.Start(paths, home.Ledger, options.Outside);
        var abandoned = home.Ledger.Read(db => db.Query("SELECT r.run_id FROM run r JOIN worker w USING(worker_id) WHERE r.state IN('queued','running','interrupted') AND w.role='serve' AND r.cancel_requested_us IS NULL",
            r => r.Text(0)));
        Recovery.Run(home);
        await using var engine = options.Engine(paths, options.Time);
        await engine.StartAsync(cancellationToken);
        ScheduleLoop? schedules = null;
        var dispatcher = new Dispatcher(home, engine) { OnAlarm = _ => schedules?.Ring() };
        var server = new RequestServer(home, dispatcher, observerOf);
        var bulk = new BulkWorker(home, server);
        foreach (var run in abandoned)
        {
            server.TryResume(run);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        schedules = options.ScheduledJobs is { } reader ? new ScheduleLoop(home, engine, reader, server.Start, () => dispatcher.Runs) : null;
        options.Outside.Pulse?.Attach(paths, home.Ledger, dispatcher, engine);
        try
        {
            await TogetherAsync(stop, dispatcher.RunAsync(stop.Token), server.RunAsync(stop.Token), bulk.RunAsync(stop.Token), schedules?.RunAsync(stop.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, options.Time, stop.Token));
            await outside.FinishAsync();
        }
        finally
        {
            options.Outside.Pulse?.Detach();
        }
    }

    /// <summary>The first to end, ends the others; the fault of any is told.</summary>
    static async Task TogetherAsync(CancellationTokenSource stop, params Task[] tasks)
    {
        await Task.WhenAny(tasks);
        await stop.CancelAsync();
        try
        {
            await Task.WhenAll(tasks);
        }
        catch (OperationCanceledException) when (tasks.All(t => !t.IsFaulted))
        {
        }
    }

    async Task<HomeLock?> LockAsync(string role, CancellationToken cancellationToken)
    {
        if (await OnDiskAsync(() => HomeLock.TryAcquireAsync(paths, role, options.LockWait, options.Time, cancellationToken)) is { } held)
        {
            return held;
        }

        return HomeLock.Holder(paths)?.Role == "serve" ? null : throw HomeLock.Refusal(paths);
    }

    /// <summary>Tells a full disk that not even the ledger could write to.</summary>
    async Task<T> OnDiskAsync<T>(Func<Task<T>> body)
    {
        try
        {
            return await body();
        }
        catch (Exception fault) when (AttemptFault.HasDiskFull(fault))
        {
            throw new WorkflowException($"The disk that holds {paths.Root} is full, the ledger could not write: {fault.GetBaseException().Message} Nothing committed is lost. Free some space, then `workflow resume last`.", inner: fault);
        }
    }

    async Task<RunOutcome> DriveAsync(Home home, OutsideServices outside, string runId, IRunObserver observer, CancellationToken cancellationToken)
    {
        await using var engine = new InlineEngine(options.Time);
        await engine.StartAsync(cancellationToken);
        var dispatcher = new Dispatcher(home, engine);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = dispatcher.Start(runId, observer);
        await TogetherAsync(stop, dispatcher.RunAsync(stop.Token), ended);
        await outside.FinishAsync();
        return Outcome(home.Ledger, runId);
    }

    Task<RunOutcome> AskAsync(string kind, string? payload, RunRequest asked, IRunObserver observer, CancellationToken cancellationToken) => OnDiskAsync(async () =>
    {
        using var ledger = LedgerDb.Open(paths.Ledger, options.Time);
        var request = options.Time.NewId();
        var after = ledger.Read(db => db.Number("SELECT COALESCE(MAX(seq), 0) FROM event"));
        ledger.Write(db => db.Execute("INSERT INTO request(request_id, kind, run_id, payload, priority, resume_of, actor, reason, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            request, kind, asked.RunId, payload, asked.Priority, asked.ResumeOf, asked.Actor, asked.Reason, options.Time.Micros()));
        await new RunFollower(ledger, paths, options, observer).FollowAsync(request, asked.RunId!, after, cancellationToken);
        return Outcome(ledger, asked.RunId!);
    });

    static RunOutcome Outcome(LedgerDb ledger, string runId)
    {
        var run = ledger.Detail(runId).Run;
        return new RunOutcome(runId, run.State, run.Error, run.Reused, run.Nodes);
    }
}
