using DataPrep;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>Follows a run that another process executes, from the ledger, and tells an observer as if it ran here.</summary>
sealed class RunFollower(LedgerDb ledger, HomePaths paths, HostOptions options, IRunObserver observer)
{
    /// <summary>Follows until the run has ended.</summary>
    /// <exception cref="WorkflowException">The request was refused, or the serving process died.</exception>
    public async Task FollowAsync(string requestId, string runId, long afterSeq, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, (long Done, string? Message)>(StringComparer.Ordinal);
        var started = false;
        using var timer = new PeriodicTimer(options.Sweep, options.Time);
        do
        {
            var (done, error) = ledger.Read(db => db.First("SELECT done_us IS NOT NULL, error FROM request WHERE request_id=?1", r => (r.Number(0) == 1, r.TextOrNull(1)), requestId));
            if (error is not null)
            {
                throw new WorkflowException(error);
            }

            var run = done ? ledger.Detail(runId) : null;
            if (run is not null)
            {
                if (!started)
                {
                    started = true;
                    observer.RunStarted(runId, run.Run.Job, run.Run.Nodes);
                }

                foreach (var e in ledger.Events(runId, afterSeq))
                {
                    afterSeq = e.Seq;
                    Tell(run, e);
                }

                TellProgress(run, told);
                if (RunStates.Ended(run.Run.State))
                {
                    observer.RunEnded(runId, run.Run.State);
                    return;
                }
            }

            if (HomeLock.Holder(paths) is null)
            {
                throw new WorkflowException($"The serving process ended before run {runId} did. `workflow resume {runId}` goes on, or the next `serve` does.");
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    void Tell(RunDetail run, EventRow e)
    {
        var node = run.Nodes.FirstOrDefault(n => n.NodeId == e.NodeId);
        var attempt = node?.Attempts.FirstOrDefault(a => a.Epoch == e.Epoch);
        switch (e.Type)
        {
            case "node.reused":
                observer.NodeReused(e.NodeId!, "");
                break;
            case "node.claimed":
                observer.AttemptStarted(e.NodeId!, e.Epoch ?? 0, attempt?.ResumedStep);
                break;
            case "node.committed":
                observer.NodeSucceeded(e.NodeId!, (attempt?.Ended ?? e.Time) - (attempt?.Started ?? e.Time));
                break;
            case "node.failed" or "node.retry" or "node.cancelled":
                observer.AttemptFailed(e.NodeId!, attempt?.ExitKind ?? "", attempt?.Error ?? "", e.Type == "node.retry" ? TimeSpan.Zero : null);
                break;
        }
    }

    void TellProgress(RunDetail run, Dictionary<string, (long Done, string? Message)> told)
    {
        foreach (var attempt in run.Nodes.SelectMany(n => n.Attempts).Where(a => a.State == "running" && a.Unit is not null))
        {
            var now = (attempt.Done, attempt.Message);
            if (!told.TryGetValue(attempt.AttemptId, out var before) || before != now)
            {
                told[attempt.AttemptId] = now;
                observer.Progress(attempt.NodeId, new StageProgress(attempt.Done, attempt.Total, attempt.Unit!, attempt.Message));
            }
        }
    }
}
