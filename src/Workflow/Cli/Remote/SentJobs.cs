using Workflow.Artifacts;
using Workflow.Dashboard.Api;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs.Acts;
using Workflow.Stages;

namespace Workflow.Cli.Remote;

/// <summary>Runs of jobs that are sent to a server: checked here, written to the ledger as a request with its line in the audit, taken by the process that serves the home.</summary>
/// <param name="paths">The home.</param>
/// <param name="time">The clock.</param>
/// <param name="stages">Stages that a job may use.</param>
/// <param name="root">Folder that a sent job starts from and stays inside.</param>
sealed class SentJobs(HomePaths paths, TimeProvider time, StageTable stages, string root) : IRunStarts
{
    const int MostLetters = 1 << 20;

    /// <summary>The folder that jobs sent to a server start from: the root of the first job file or folder it keeps schedules of, else of the folder it was started in.</summary>
    public static string RootOf(IReadOnlyList<string> served, string currentFolder) =>
        JobFileReader.RootOf(served is [var first, ..] ? Directory.Exists(first) ? Path.Combine(first, "job.yaml") : first : Path.Combine(currentFolder, "job.yaml"));

    public Task<string> StartAsync(SentJob job, string actor, string reason, CancellationToken cancellationToken) => Task.Run(() =>
    {
        if (job.Text.Length > MostLetters)
        {
            throw new WorkflowException($"{job.Name}: found a text of more than {MostLetters / 1024} KiB; expected a job file, which is smaller.", exitCode: 2);
        }

        if (job.Priority is < -RunActs.Highest or > RunActs.Highest)
        {
            throw new WorkflowException($"Found priority {job.Priority}; expected {-RunActs.Highest} to {RunActs.Highest}.", exitCode: 2);
        }

        var spec = JobFileReader.ReadSent(job.Text, job.Name, stages, job.Sets, root).Require();
        using var ledger = LedgerDb.Open(paths.Ledger, time);
        var id = time.NewId();
        var now = time.Micros();
        ledger.Write(db =>
        {
            db.Execute("INSERT INTO request(request_id, kind, run_id, payload, priority, actor, reason, created_us) VALUES (?1, 'run', ?1, ?2, ?3, ?4, ?5, ?6)",
                id, spec.Json, job.Priority, actor, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(), now);
            Audit.Add(db, now, actor, "run", id, reason, new { job = spec.Name, sets = job.Sets });
        });
        return id;
    }, cancellationToken);
}
