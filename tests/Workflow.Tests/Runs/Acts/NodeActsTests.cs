using FaultHost;
using Xunit;

namespace Workflow.Tests.Runs.Acts;

/// <summary>Acts on single nodes of runs that a serve executes: what the ledger says after each.</summary>
public sealed class NodeActsTests : IAsyncDisposable
{
    readonly ActingHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => home.DisposeAsync();

    [Fact]
    public async Task Delete_EndsANodeThatHasNotStarted_AndRequeueBringsItBack()
    {
        await home.ServeAsync();
        await home.Acts.Queues!.PauseAsync("cpu", "ann", "disks are being moved", null, Cancellation);
        var run = home.Ask(home.Pipeline());
        await home.NodeAsync(run, "read/b", "ready");
        await home.Nodes.DeleteAsync(run, "read/b", "ann", "its rows are wrong", Cancellation);
        Assert.Equal("read/a=ready read/b=cancelled read/c=ready read=skipped sort=skipped train=skipped", home.States(run));
        await home.Acts.Queues!.ResumeAsync("cpu", "ann", "", Cancellation);

        // A partition beside others that have results: the run is partial, as where one fails.
        await home.StateAsync(run, "partial");
        Assert.Equal(["ann|queue.pause|cpu|disks are being moved", $"ann|node.delete|{run}/read/b|its rows are wrong", "ann|queue.resume|cpu|"], home.Audit());
        Assert.Contains("\"state\":\"ready\"", home.Value("SELECT before_json FROM audit WHERE action='node.delete'"), StringComparison.Ordinal);

        Assert.Equal(run, await home.Nodes.RequeueAsync(run, "read/b", "bob", "mended", Cancellation));
        await home.StateAsync(run, "succeeded");
        Assert.Equal("read/a 1, read/b 1, read/c 1, read 1, sort 1, train 1", home.Value("SELECT group_concat(node_id || ' ' || epoch, ', ') FROM (SELECT * FROM node ORDER BY ordinal, kind='gather', node_id)"));
        Assert.Equal($"requeue|{run}|read/b|bob|mended|done", home.Value("SELECT kind || '|' || run_id || '|' || payload || '|' || actor || '|' || reason || '|' || CASE WHEN done_us IS NOT NULL AND error IS NULL THEN 'done' END FROM request WHERE kind='requeue'"));
        Assert.Equal($"bob|node.requeue|{run}/read/b|mended", home.Audit()[^1]);
    }

    [Fact]
    public async Task Delete_PutsAFailedNodeAway_AndItsEndedRunKeepsItsState()
    {
        await home.ServeAsync();
        var run = home.Ask(home.Pipeline());
        await home.StateAsync(run, "succeeded");
        home.Ledger.Write(db =>
        {
            db.Execute("UPDATE node SET state='failed' WHERE node_id='train'");
            db.Execute("UPDATE run SET state='failed'");
        });
        await home.Nodes.DeleteAsync(run, "train", "ann", "known, and not worth a try", Cancellation);
        Assert.Equal("cancelled failed", home.Value("SELECT n.state || ' ' || r.state FROM node n JOIN run r USING(run_id) WHERE n.node_id='train'"));
        Assert.Equal("0", home.Value("SELECT COALESCE(SUM(n), 0)||'' FROM job_tally WHERE state='failed'"));
        Assert.Equal([$"ann|node.delete|{run}/train|known, and not worth a try"], home.Audit());
        await home.Nodes.RequeueAsync(run, "train", "bob", "worth one after all", Cancellation);
        await home.StateAsync(run, "succeeded");

        // What it ran on, for whoever compares runs.
        Assert.Equal("1", home.Value("SELECT (COUNT(*)=COUNT(e.env_id) AND MIN(e.dotnet)=MAX(e.dotnet) AND MIN(length(e.env_class))>0)||'' FROM attempt a LEFT JOIN environment e USING(env_id)"));
    }

    [Fact]
    public async Task Delete_StopsTheProcessOfARunningStage()
    {
        await home.ServeAsync();
        var run = home.Ask(new FakeJob { Shape = "child-three", Options = new FakeOptions { Fault = "grandchild" } });
        await home.UntilAsync("SELECT COUNT(*)||'' FROM attempt_log WHERE line LIKE 'pids %'", "1");
        var pids = home.Value("SELECT substr(line, 6) FROM attempt_log WHERE line LIKE 'pids %'").Split(' ');
        Assert.All(pids, pid => Assert.True(Alive(pid)));
        await home.Nodes.DeleteAsync(run, "child-three", "ann", "it never ends", Cancellation);
        await home.StateAsync(run, "cancelled");
        Assert.Equal(["cancelled"], home.Column("SELECT state FROM attempt"));
        Assert.Equal("cancelled||delete by ann", home.Value("SELECT n.state || '|' || COALESCE(n.stop, '') || '|' || (SELECT payload ->> 'detail' FROM event WHERE type='node.stopping') FROM node n"));
        Assert.Equal($"ann|node.delete|{run}/child-three|it never ends", home.Audit().Single());
        foreach (var pid in pids)
        {
            while (Alive(pid))
            {
                await Task.Delay(5, Cancellation);
            }
        }
    }

    [Fact]
    public async Task Requeue_OfARunningNode_StopsItsAttempt_AndStartsAnew()
    {
        var gate = Path.Combine(home.Folder, "gate");
        await home.ServeAsync();
        var run = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hold", Gate = gate } });
        await home.NodeAsync(run, "three", "running");
        Assert.Equal(run, await home.Nodes.RequeueAsync(run, "three", "ann", "it hangs", Cancellation));
        await home.UntilAsync("SELECT group_concat(epoch || ' ' || state) FROM (SELECT * FROM attempt ORDER BY epoch)", "1 cancelled,2 running");
        await File.WriteAllTextAsync(gate, "", Cancellation);
        await home.StateAsync(run, "succeeded");
        Assert.Equal("0", home.Value("SELECT tries||'' FROM node"));
        Assert.Equal($"ann|node.requeue|{run}/three|it hangs", home.Audit().Single());
    }

    [Fact]
    public async Task EnqueueNow_EndsTheWaitForTheNextTry()
    {
        await using var patient = new ActingHome(Settings.Options(heartbeatMillis: 20) with { Backoff = TimeSpan.FromHours(3) });
        await patient.ServeAsync();
        var run = patient.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "flaky", Gate = Path.Combine(patient.Folder, "gate") } });
        await patient.NodeAsync(run, "three", "retry_wait");
        await patient.Nodes.EnqueueNowAsync(run, "three", "ann", "the source is back", Cancellation);
        await patient.StateAsync(run, "succeeded");
        Assert.Equal(["failed", "committed"], patient.Column("SELECT state FROM attempt ORDER BY epoch"));
        Assert.Equal($"ann|node.enqueue|{run}/three|the source is back", patient.Audit().Single());
    }

    [Fact]
    public async Task Requeue_TakesUpAMendedFile_WhileTheRunGoesOn()
    {
        var (reached, released) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var job = home.Pipeline();
        home.Write("a", "poison:user");
        var plain = job.Spec();
        var spec = plain with
        {
            Stages = [.. plain.Stages.Select(s => s.Name == "read" ? s with { Stage = new HeldStage(s.Stage, "b", reached, released.Task) } : s)],
        };
        await using var held = new ActingHome(Settings.Options(heartbeatMillis: 20) with { JobFromJson = _ => spec });
        await held.ServeAsync();
        var run = held.Ask(job);
        await reached.Task.WaitAsync(Cancellation);
        await held.NodeAsync(run, "read/a", "failed");
        await held.UntilAsync($"SELECT state FROM node WHERE run_id='{run}' AND node_id='train'", "skipped");

        home.Write("a", "a row mended");
        await held.Nodes.RequeueAsync(run, "read/a", "ann", "mended", Cancellation);
        await held.UntilAsync("SELECT COUNT(*)||'' FROM request WHERE kind='requeue' AND done_us IS NOT NULL", "1");
        Assert.Equal("running", held.Value($"SELECT state FROM run WHERE run_id='{run}'"));
        released.SetResult();
        await held.StateAsync(run, "succeeded");
        Assert.Equal("2 1 1", held.Value("SELECT group_concat(epoch, ' ') FROM (SELECT epoch FROM node WHERE kind='partition' ORDER BY node_id)"));
        Assert.Equal("", held.Value($"SELECT error_text FROM run WHERE run_id='{run}'"));
    }

    [Fact]
    public async Task Requeue_OfANodeThatSucceeded_IsANewRunFromItsStage()
    {
        await home.ServeAsync();
        var first = home.Ask(home.Pipeline());
        await home.StateAsync(first, "succeeded");
        var second = await home.Nodes.RequeueAsync(first, "sort", "ann", "look again", Cancellation);
        Assert.NotEqual(first, second);
        await home.StateAsync(second, "succeeded");
        Assert.Equal("read/a=reused read/b=reused read/c=reused read=reused sort=succeeded train=succeeded", home.States(second));
        Assert.Equal($"{first} resume ann look again", home.Value($"SELECT resume_of || ' ' || trigger_kind || ' ' || requested_by || ' ' || reason FROM run WHERE run_id='{second}'"));
        Assert.Equal($"ann|node.requeue|{first}/sort|look again", home.Audit().Single());
    }

    [Fact]
    public async Task Requeue_OfASkippedNode_BringsWhatItNeeds_AndLeavesOthersAlone()
    {
        var job = home.Pipeline();
        home.Write("a", "poison:user");
        home.Write("c", "poison:error");
        await home.ServeAsync();
        var run = home.Ask(job);
        await home.StateAsync(run, "partial");
        home.Write("a", "a row mended");
        await home.Nodes.RequeueAsync(run, "read/a", "ann", "", Cancellation);
        await home.UntilAsync($"SELECT state FROM node WHERE run_id='{run}' AND node_id='read/a'", "succeeded");
        await home.StateAsync(run, "partial");

        // c is still failed: what depends on it too stays skipped, and c was not tried again.
        Assert.Equal("read/a=succeeded read/b=succeeded read/c=failed read=skipped sort=skipped train=skipped", home.States(run));
        Assert.Equal("1", home.Value("SELECT epoch||'' FROM node WHERE node_id='read/c'"));
        home.Write("c", "c row mended");
        await home.Nodes.RequeueAsync(run, "sort", "ann", "", Cancellation);
        await home.StateAsync(run, "succeeded");
    }

    [Fact]
    public async Task Acts_AreRefusedAtOnce_WhereTheStateDoesNotFit()
    {
        await home.ServeAsync();
        var run = home.Ask(home.Pipeline());
        await home.StateAsync(run, "succeeded");
        await home.StopAsync();
        var faults = new List<string>();
        foreach (var act in new Func<Task>[]
        {
            () => home.Nodes.DeleteAsync(run, "sort", "ann", "", Cancellation),
            () => home.Nodes.EnqueueNowAsync(run, "sort", "ann", "", Cancellation),
            () => home.Nodes.DeleteAsync(run, "nosuch", "ann", "", Cancellation),
            () => home.Acts.Runs!.CancelAsync(run, "ann", "", Cancellation),
            () => home.Acts.Runs!.ResumeAsync(run, "ann", "", Cancellation),
            () => home.Acts.Runs!.RestartAsync(run, "sorted", "ann", "", Cancellation),
            () => home.Acts.Runs!.PrioritizeAsync(run, 2, "ann", "", Cancellation),
        })
        {
            faults.Add((await Assert.ThrowsAsync<WorkflowException>(act)).Message);
        }

        Assert.Equal(["sort is succeeded: there is nothing to delete.", "sort is succeeded: there is nothing to enqueue.", $"Run {run} has no node 'nosuch'.", $"Run {run} is succeeded: there is nothing to cancel.",
            $"Run {run} is succeeded: there is nothing to resume.", $"Run {run} has no stage 'sorted'; did you mean 'sort'? Known: read, sort, train.", $"Run {run} is succeeded: there is nothing to prioritize."], faults);

        // Asked twice while nobody has taken it.
        home.Ledger.Write(db => db.Execute("UPDATE node SET state='failed' WHERE node_id='train'"));
        await home.Nodes.RequeueAsync(run, "train", "ann", "", Cancellation);
        Assert.Contains("ann asked for that already", (await Assert.ThrowsAsync<WorkflowException>(() => home.Nodes.RequeueAsync(run, "train", "bob", "", Cancellation))).Message, StringComparison.Ordinal);
        Assert.Equal([$"ann|node.requeue|{run}/train|"], home.Audit());
    }

    [Fact]
    public async Task Deleted_StaysDeleted_WhenServeStartsAnew()
    {
        var gate = Path.Combine(home.Folder, "gate");
        var job = home.Pipeline() with { Uses = new() { ["train"] = "three" }, Of = new() { ["read"] = new FakeOptions { Folder = "in" } } };
        job = job with { Options = new FakeOptions { Folder = "in", Fault = "hold", Gate = gate } };
        await home.ServeAsync();
        await home.Acts.Queues!.PauseAsync("cpu", "ann", "wait", null, Cancellation);
        var run = home.Ask(job);
        await home.NodeAsync(run, "read/b", "ready");
        await home.Nodes.DeleteAsync(run, "read/b", "ann", "", Cancellation);
        await home.StopAsync();
        Assert.Equal("interrupted", home.Value("SELECT state FROM run"));
        await home.Acts.Queues!.ResumeAsync("cpu", "ann", "", Cancellation);
        await home.ServeAsync();
        await home.StateAsync(run, "partial");
        Assert.Equal("read/a=succeeded read/b=cancelled read/c=succeeded read=skipped sort=skipped train=skipped", home.States(run));
    }

    [Fact]
    public async Task Requests_TakenAgain_ChangeNothing()
    {
        await home.ServeAsync();
        var job = home.Pipeline();
        home.Write("b", "poison:user");
        var run = home.Ask(job);
        await home.StateAsync(run, "partial");
        home.Write("b", "b row mended");
        await home.Nodes.RequeueAsync(run, "read/b", "ann", "", Cancellation);
        await home.StateAsync(run, "succeeded");
        var second = await home.Acts.Runs!.RestartAsync(run, "train", "ann", "", Cancellation);
        await home.StateAsync(second, "succeeded");
        var before = home.Column("SELECT run_id || node_id || state || epoch FROM node ORDER BY 1");

        // As if serve had been killed after it did each and before it closed it.
        home.Ledger.Write(db => db.Execute("UPDATE request SET done_us=NULL, taken_us=NULL"));
        await home.UntilAsync("SELECT COUNT(*)||'' FROM request WHERE done_us IS NULL", "0");
        Assert.Equal(before, home.Column("SELECT run_id || node_id || state || epoch FROM node ORDER BY 1"));
        Assert.Equal("2", home.Value("SELECT COUNT(*)||'' FROM run"));
        Assert.Equal("read/b is succeeded by now.", home.Value("SELECT error FROM request WHERE kind='requeue'"));
    }

    [Fact]
    public async Task Runs_AreCancelledResumedAndPrioritized_WithTheirAudit()
    {
        await home.ServeAsync();
        var first = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "hang" } });
        await home.NodeAsync(first, "three", "running");
        var second = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Text = "second" } });
        await home.NodeAsync(second, "three", "ready");
        await home.Acts.Runs!.PrioritizeAsync(second, 3, "ann", "the boss waits", Cancellation);
        Assert.Equal("3 -1800000000", home.Value($"SELECT r.priority || ' ' || (n.rank_us-r.created_us) FROM run r JOIN node n USING(run_id) WHERE run_id='{second}'"));
        await home.Acts.Runs!.CancelAsync(first, "ann", "wrong corpus", Cancellation);
        await home.StateAsync(first, "cancelled");
        await home.StateAsync(second, "succeeded");
        await home.Acts.Runs!.ResumeAsync(first, "bob", "right after all", Cancellation);
        await home.NodeAsync(first, "three", "running");
        Assert.Equal([$"ann|prioritize|{second}|the boss waits", $"ann|cancel|{first}|wrong corpus", $"bob|resume|{first}|right after all"], home.Audit());
    }

    static bool Alive(string pid) => File.Exists($"/proc/{pid}/stat") && File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1][0] != 'Z';
}
