using FaultHost;
using Workflow.Engine;
using Workflow.Runs;
using Workflow.Runs.Acts;
using Xunit;

namespace Workflow.Tests.Runs.Acts;

/// <summary>Acts over all that a filter finds, in a home that is served for real.</summary>
public sealed class BulkActsTests : IAsyncDisposable
{
    const int Many = 2_000;
    readonly ActingHome home = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => home.DisposeAsync();

    [Fact]
    public async Task Delete_OfManyNodes_GoesOn_AfterTheServingProcessWasKilled()
    {
        var job = home.Pipeline();
        foreach (var name in Corpus.Files)
        {
            File.Delete(Corpus.PathOf(home.Folder, name));
        }

        for (var i = 0; i < Many; i++)
        {
            home.Write($"p{i:0000}", $"row {i}");
        }

        await home.Acts.Queues!.PauseAsync("cpu", "ann", "first clean up", null, Cancellation);
        await home.ServeAsync();
        var run = home.Ask(job);
        await home.NodeAsync(run, "read/p1999", "ready");
        await home.StopAsync();

        // Whether serve had taken the run up or not.
        var filter = new BulkFilter { States = ["waiting", "ready"], Job = "pipeline", Stage = "read", Queue = "cpu", Run = run };
        var preview = await home.Acts.Bulk!.PreviewAsync(filter, "delete", 10, Cancellation);
        Assert.Equal((Many + 1, 10, "read"), (preview.Count, preview.Rows.Count, preview.Rows[0].NodeId));
        var bulk = await home.Acts.Bulk!.StartAsync(filter, "delete", "ann", "wrong corpus", Cancellation);
        await OnWorkerAsync(async worker =>
        {
            // Listed in three parts and seen to be all, and three batches of 200 done, when the process goes away.
            for (var step = 0; step < 7; step++)
            {
                Assert.True(await worker.StepAsync(bulk, Cancellation));
            }
        });
        Assert.Equal("acting 2001 600 0", home.Value("SELECT state || ' ' || total || ' ' || done || ' ' || failed FROM bulk_act"));
        await home.ServeAsync();
        await home.UntilAsync("SELECT state FROM bulk_act", "ended");

        // Each was acted on once.
        Assert.Equal("2001 0 2001 2001", home.Value("SELECT done || ' ' || failed || ' ' || (SELECT COUNT(*) || ' ' || COUNT(DISTINCT node_id) FROM event WHERE type='node.deleted') FROM bulk_act"));
        Assert.Equal("0", home.Value("SELECT COUNT(*)||'' FROM bulk_item"));
        Assert.Equal("cancelled", home.Value("SELECT state FROM run"));
        Assert.Equal([$"ann|bulk.delete|{bulk}|wrong corpus"], home.Audit().Where(a => a.Contains("bulk", StringComparison.Ordinal)));

        // All of them again, while the queue is still paused.
        var again = new BulkFilter { States = ["cancelled"], Run = run };
        Assert.Equal(Many + 1, (await home.Acts.Bulk!.PreviewAsync(again, "requeue", 1, Cancellation)).Count);
        await home.Acts.Bulk!.StartAsync(again, "requeue", "bob", "right after all", Cancellation);
        await home.UntilAsync("SELECT COUNT(*)||'' FROM bulk_act WHERE state='ended'", "2");
        Assert.Equal("2001 0", home.Value("SELECT done || ' ' || failed FROM bulk_act WHERE action='requeue'"));
        Assert.Equal("ready 2000,waiting 3", home.Value("SELECT group_concat(state || ' ' || n) FROM (SELECT state, COUNT(*) n FROM node GROUP BY state ORDER BY state)"));
        Assert.Equal("0", home.Value("SELECT COUNT(*)||'' FROM attempt"));
    }

    [Fact]
    public async Task Requeue_OfAllWithAnError_LeavesTheOthers_AndRunsAreResumedAndCancelled()
    {
        var job = home.Pipeline();
        home.Write("a", "poison:user");
        home.Write("c", "poison:error");
        await home.ServeAsync();
        var run = home.Ask(job);
        await home.StateAsync(run, "partial");
        home.Write("a", "a row");
        var filter = new BulkFilter { States = ["failed"], Error = "IS NOT json" };
        Assert.Equal("read/a", (await home.Acts.Bulk!.PreviewAsync(filter, "requeue", 10, Cancellation)).Rows.Single().NodeId);
        await home.Acts.Bulk!.StartAsync(filter, "requeue", "ann", "mended", Cancellation);
        await home.NodeAsync(run, "read/a", "succeeded");
        await home.StateAsync(run, "partial");
        Assert.Equal("1", home.Value("SELECT epoch||'' FROM node WHERE node_id='read/c'"));

        home.Write("c", "c row");
        await home.Acts.Bulk!.StartAsync(new BulkFilter { Kind = "run", States = ["partial"], Text = "PIPE" }, "resume", "ann", "all mended", Cancellation);
        await home.StateAsync(run, "succeeded");

        var hanging = Enumerable.Range(0, 3).Select(i => home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Text = $"{i}", Fault = "hang" } })).ToList();
        await home.UntilAsync("SELECT COUNT(*)||'' FROM run WHERE state<>'succeeded'", "3");
        await home.Acts.Bulk!.StartAsync(new BulkFilter { Kind = "run", Ids = [hanging[0], hanging[2], run] }, "cancel", "ann", "never end", Cancellation);
        await home.StateAsync(hanging[0], "cancelled");
        await home.StateAsync(hanging[2], "cancelled");
        await home.UntilAsync("SELECT state || total || done FROM bulk_act WHERE action='cancel'", "ended22");
        Assert.NotEqual("cancelled", home.Value($"SELECT state FROM run WHERE run_id='{hanging[1]}'"));
    }

    [Fact]
    public async Task Requeue_OfTickedNodesThatSucceeded_IsOneNewRunForEachStage()
    {
        await home.ServeAsync();
        var run = home.Ask(home.Pipeline());
        await home.StateAsync(run, "succeeded");
        var bulk = await home.Acts.Bulk!.StartAsync(new BulkFilter { Ids = [$"{run}/read/a", $"{run}/read/b", $"{run}/nosuch"] }, "requeue", "ann", "again", Cancellation);
        await home.UntilAsync("SELECT group_concat(state) FROM run", "succeeded,succeeded");
        Assert.Equal("ended 2 2 0", home.Value($"SELECT state || ' ' || total || ' ' || done || ' ' || failed FROM bulk_act WHERE bulk_id='{bulk}'"));
        Assert.Equal($"{run} again (bulk {bulk})", home.Value("SELECT resume_of || ' ' || reason FROM run WHERE resume_of IS NOT NULL"));
    }

    [Fact]
    public async Task Bulk_IsRefused_WhereItFindsNothing_AndStopsWhenAsked()
    {
        async Task<string> Fault(Func<Task> act) => (await Assert.ThrowsAsync<WorkflowException>(act)).Message;
        Assert.Equal("Nothing to requeue: no node fits any more.", await Fault(() => home.Acts.Bulk!.StartAsync(new BulkFilter { States = ["failed"] }, "requeue", "ann", "x", Cancellation)));
        Assert.StartsWith("An act on many needs a reason", await Fault(() => home.Acts.Bulk!.StartAsync(new BulkFilter(), "requeue", "ann", "", Cancellation)), StringComparison.Ordinal);
        Assert.Contains("expected requeue, enqueue, delete", await Fault(() => home.Acts.Bulk!.PreviewAsync(new BulkFilter(), "explode", 1, Cancellation)), StringComparison.Ordinal);
        Assert.Contains("Nothing to delete: no node that is succeeded allows it", await Fault(() => home.Acts.Bulk!.PreviewAsync(new BulkFilter { States = ["succeeded"] }, "delete", 1, Cancellation)), StringComparison.Ordinal);

        await home.ServeAsync();
        await home.Acts.Queues!.PauseAsync("cpu", "ann", "wait", null, Cancellation);
        var run = home.Ask(home.Pipeline());
        await home.NodeAsync(run, "read/a", "ready");
        await home.StopAsync();
        var bulk = await home.Acts.Bulk!.StartAsync(new BulkFilter { Run = run }, "delete", "ann", "x", Cancellation);
        await home.Acts.Bulk!.StopAsync(bulk, "bob", "not yet", Cancellation);
        await OnWorkerAsync(async worker => Assert.False(await worker.StepAsync(bulk, Cancellation)));
        Assert.Equal("stopped", home.Value("SELECT state FROM bulk_act"));
        Assert.Equal("0", home.Value("SELECT COUNT(*)||'' FROM event WHERE type='node.deleted'"));
        Assert.Contains("has stopped already", await Fault(() => home.Acts.Bulk!.StopAsync(bulk, "bob", "", Cancellation)), StringComparison.Ordinal);
    }

    /// <summary>A worker of a process that is gone when the body has ended.</summary>
    async Task OnWorkerAsync(Func<BulkWorker, Task> body)
    {
        using var opened = new Home(home.Paths, home.Options, "serve");
        await using var engine = new InlineEngine(TimeProvider.System);
        await body(new BulkWorker(opened, new RequestServer(opened, new Dispatcher(opened, engine), _ => SilentObserver.Instance)) { ListBatch = 1_000 });
    }
}
