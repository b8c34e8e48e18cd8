using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Workflow.Native;

namespace Workflow.Stages;

/// <summary>The child's side of a stage: reads the request, runs the stage, tells the host what happens on what was standard output.</summary>
public static class StageChild
{
    /// <summary>Name of the environment variable that asks the child to watch standard input itself, where no supervisor does.</summary>
    internal const string LifelineVariable = "WORKFLOW_LIFELINE";

    /// <summary>Runs <c>stage-child --request FILE</c>.</summary>
    /// <param name="requestFile">The request.</param>
    /// <param name="stages">Stage kinds.</param>
    /// <returns>Exit code: 0 done, 1 failed; how is in the last line to the host.</returns>
    public static async Task<int> RunAsync(string requestFile, StageTable stages)
    {
        // Libraries that print must not break the line protocol: standard output becomes standard error, the host keeps a private copy of the pipe.
        var pipe = Libc.Dup(1);
        _ = Libc.Dup2(2, 1);
        await using var toHost = new FileStream(new SafeFileHandle(pipe, ownsHandle: true), FileAccess.Write, 1);
        WatchLifeline();
        using var cancellation = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            cancellation.Cancel();
        });
        var request = JsonSerializer.Deserialize<ChildRequest>(await File.ReadAllTextAsync(requestFile))!;
        var stage = stages.Find(request.Stage) ?? throw new WorkflowException($"This program knows no stage '{request.Stage}'. Known: {string.Join(", ", stages.Names)}.");
        var context = new ChildStageContext(toHost, request, cancellation.Token)
        {
            Options = ChildOptions.Read(request.Options, stage.OptionsType),
            Inputs = request.Inputs.ToDictionary(i => i.Key, i => (IReadOnlyList<InputArtifact>)[.. i.Value.Select(a => a.Open())], StringComparer.Ordinal),
            Partitions = [.. request.Partitions.Select(p => p.ToDictionary(a => a.Key, a => a.Value.Open(), StringComparer.Ordinal))],
            Partition = request.Partition,
            Files = request.Files,
            Root = request.Root,
            Seed = request.Seed,
            Threads = request.Threads,
            Checkpoints = [.. request.Checkpoints.Select(c => new ResumeCheckpoint(c.Step, c.Cursor, c.Artifact.Open()))],
            Previous = request.Previous?.Open(),
            Scratch = request.Scratch,
        };
        context.Hello();
        try
        {
            await stage.RunAsync(context, cancellation.Token);
            context.End("ok", null, null);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            context.End("cancelled", null, null);
        }
        catch (Exception thrown)
        {
            var fault = Runs.AttemptFault.Of(thrown);
            context.End(fault.Kind, fault.Kind == "disk_full" ? thrown.Message : fault.Message, fault.Type);
        }

        return 1;
    }

    static void WatchLifeline()
    {
        if (Environment.GetEnvironmentVariable(LifelineVariable) is null)
        {
            return;
        }

        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            _ = Libc.Kill(Libc.GetPid(), Libc.SigKill);
        })
        { IsBackground = true, Name = "lifeline" }.Start();
    }
}
