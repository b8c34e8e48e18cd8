using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>P2 to P7 of one claimed node: verify inputs, work in staging, seal, publish, commit, views; and every way in which that can end otherwise.</summary>
sealed class AttemptDriver(Home home, JobSpec job, PlannedNode node, NodeInputs inputs, MemoKey key, Claim claim, IRunObserver observer, InputCheck inputCheck) : IDisposable
{
    readonly AttemptControl control = new();
    readonly Telemetry telemetry = new(home.Options.Time, claim.NodeId, observer);
    readonly StageReport report = new();

    /// <summary>The claim.</summary>
    public Claim Claim => claim;

    /// <summary>Stops the attempt.</summary>
    public void Stop(StopReason reason) => control.Stop(reason);

    /// <summary>Runs the attempt to its end; throws only where the ledger itself fails.</summary>
    public async Task RunAsync()
    {
        var start = home.Options.Time.GetTimestamp();
        observer.AttemptStarted(claim.NodeId, claim.Epoch, claim.ResumedStep);
        using var beating = new CancellationTokenSource();
        using var timeout = node.Spec.Timeout is { } limit ? home.Options.Time.CreateTimer(_ => control.Stop(StopReason.TimedOut), null, limit, Timeout.InfiniteTimeSpan) : null;
        var heartbeats = new Heartbeats(home, claim, telemetry, control, node.Spec.Stall);
        var beats = Task.Run(() => heartbeats.RunAsync(beating.Token));
        AttemptFault? fault = null;
        var committed = false;
        try
        {
            committed = await WorkAsync(heartbeats);
        }
        catch (OperationCanceledException) when (control.Reason != StopReason.None)
        {
        }
        catch (AttemptFailedException failed)
        {
            fault = failed.Fault;
        }
        catch (Exception thrown)
        {
            fault = AttemptFault.Of(thrown);
        }

        await beating.CancelAsync();
        await beats;
        if (committed)
        {
            observer.NodeSucceeded(claim.NodeId, home.Options.Time.GetElapsedTime(start));
            home.Views.Make(claim.RunId, claim.NodeId);
            Chaos.Point("views.after");
        }
        else
        {
            End(fault, heartbeats);
        }

        StagingFolders.Remove(claim.Staging);
    }

    async Task<bool> WorkAsync(Heartbeats heartbeats)
    {
        inputCheck.Verify(inputs);
        var outputs = Path.Combine(claim.Staging, "out");
        var scratch = Path.Combine(claim.Staging, "scratch");
        Directory.CreateDirectory(outputs);
        Directory.CreateDirectory(scratch);
        Chaos.Point("work.start");
        var previous = PreviousResults.Find(home, claim.RunId, node, key, inputCheck);
        var context = Context(outputs, scratch, previous);
        if (node.Spec.Stage.ChildProcess)
        {
            await RunChildAsync(context, outputs, scratch);
        }
        else
        {
            await Task.Run(() => node.Spec.Stage.RunAsync(context, control.Token), CancellationToken.None);
        }

        control.Token.ThrowIfCancellationRequested();
        Chaos.Point("work.end");
        var artifacts = node.Spec.Stage.Outputs.Select(slot => Sealer.Seal(slot, Path.Combine(outputs, slot), Path.Combine(claim.Staging, "manifests", slot + ".json"), report)).ToList();
        Chaos.Point("seal.after");

        // The last words and points go in before the commit: after it nothing of this attempt is written.
        if (!heartbeats.Beat())
        {
            return false;
        }

        control.Token.ThrowIfCancellationRequested();
        PreviousResults.Record(home, claim, report, previous);
        return home.Commits.PublishAndCommit(claim, key, inputs, artifacts);
    }

    AttemptContext Context(string outputs, string scratch, PreviousOutputs? previous) => new(outputs, report, telemetry, Checkpoint)
    {
        Options = node.Spec.Options,
        Inputs = inputs.Slots,
        Partitions = inputs.Partitions,
        Partition = node.Partition,
        Files = node.Files,
        Root = job.Root,
        Seed = job.Seed,
        Threads = job.Threads,
        Checkpoints = home.Checkpoints.Load(claim, key, telemetry.Log),
        Previous = previous,
        Scratch = scratch,
    };

    async Task RunChildAsync(AttemptContext context, string outputs, string scratch)
    {
        var byId = inputs.Slots.Values.SelectMany(a => a).Concat(inputs.Partitions.SelectMany(p => p.Values)).DistinctBy(a => a.Id).ToDictionary(a => a.Id, StringComparer.Ordinal);
        var request = new ChildRequest
        {
            Stage = node.Spec.Stage.Name,
            Options = ChildOptions.Write(node.Spec.Options, node.Spec.Stage.OptionsType),
            Inputs = inputs.Slots.ToDictionary(s => s.Key, s => (IReadOnlyList<ChildArtifact>)[.. s.Value.Select(ChildArtifact.Of)], StringComparer.Ordinal),
            Partitions = [.. inputs.Partitions.Select(p => p.ToDictionary(a => a.Key, a => ChildArtifact.Of(a.Value), StringComparer.Ordinal))],
            Partition = node.Partition,
            Files = node.Files,
            Checkpoints = [.. context.Checkpoints.Select(c => new ChildCheckpoint(c.Step, c.CursorJson, ChildArtifact.Of(c.Artifact)))],
            Previous = ChildPrevious.Of(context.Previous),
            Root = job.Root,
            Seed = job.Seed,
            Threads = job.Threads,
            Scratch = scratch,
            Outputs = outputs,
            Answers = Path.Combine(claim.Staging, "answers"),
        };
        var runner = new ChildRunner(home.Options, context, byId, telemetry);
        if (await runner.RunAsync(request, Path.Combine(claim.Staging, "request.json"), control) is { } fault)
        {
            control.Token.ThrowIfCancellationRequested();
            throw new AttemptFailedException(fault);
        }
    }

    void Checkpoint(long step, string cursor, string folder, double? metric)
    {
        control.Token.ThrowIfCancellationRequested();
        if (!home.Checkpoints.Save(claim, key, step, cursor, folder, metric, telemetry))
        {
            control.Stop(StopReason.Fenced);
            throw new OperationCanceledException(control.Token);
        }
    }

    void End(AttemptFault? fault, Heartbeats heartbeats)
    {
        if (fault is { Kind: "disk_full" })
        {
            // Its own half-done work may be what fills the disk: the ledger needs room to say so.
            StagingFolders.Remove(claim.Staging);
        }

        // What it said last helps whoever looks for the reason.
        if (control.Reason != StopReason.Fenced)
        {
            heartbeats.Beat();
        }

        if (control.Reason == StopReason.Stopping)
        {
            home.Claims.Release(claim.AttemptId, null, "stopped", cleanStaging: false);
            return;
        }

        fault = control.Reason switch
        {
            StopReason.Cancelled => new AttemptFault("cancelled", "Cancelled on request.", "", FaultClass.None),
            StopReason.TimedOut => new AttemptFault("timeout", $"The attempt ran longer than its limit of {node.Spec.Timeout}.", "", FaultClass.Transient),
            StopReason.Stalled => new AttemptFault("stalled", $"The attempt said nothing for {node.Spec.Stall}: no progress, no metric, no line.", "", FaultClass.Transient),
            StopReason.Fenced => new AttemptFault("fenced", "The node was given to another attempt.", "", FaultClass.None),
            _ => fault ?? new AttemptFault("fenced", "The node was given to another attempt.", "", FaultClass.None),
        };
        var wait = home.Claims.Fail(claim, fault, node.Spec);
        observer.AttemptFailed(claim.NodeId, fault.Kind, fault.Message, wait);
    }

    public void Dispose() => control.Dispose();
}
