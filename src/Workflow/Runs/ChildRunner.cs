using System.Diagnostics;
using System.Text.Json;
using DataPrep;
using Workflow.Native;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>Runs a stage in a child process under the supervisor and relays what it says.</summary>
sealed class ChildRunner(HostOptions options, AttemptContext context, IReadOnlyDictionary<string, InputArtifact> inputsById, Telemetry telemetry)
{
    const int HeadLines = 20;
    const int TailLines = 40;
    readonly List<string> head = [];
    readonly Queue<string> tail = new();
    ChildMessage? end;
    int worker;

    /// <summary>Runs it to its end.</summary>
    /// <param name="request">The request.</param>
    /// <param name="requestFile">Where to write it.</param>
    /// <param name="stop">Reason to stop: cancelled stages are asked, fenced ones are killed.</param>
    /// <returns>The fault, or null where the stage ended well.</returns>
    public async Task<AttemptFault?> RunAsync(ChildRequest request, string requestFile, AttemptControl stop)
    {
        Directory.CreateDirectory(request.Answers);
        await File.WriteAllTextAsync(requestFile, JsonSerializer.Serialize(request), CancellationToken.None);
        using var process = Process.Start(StartInfo(request, requestFile)) ?? throw new WorkflowException("The stage's process could not be started.");
        using var registration = stop.Token.Register(() => Stop(process, stop.Reason));
        var errors = ReadErrorsAsync(process.StandardError);
        while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            Handle(request, line);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        await errors;
        if (process.ExitCode == 128 + Libc.SigKill && worker > 0)
        {
            // The supervisor itself may have been killed: what its worker started is in the worker's group.
            _ = Libc.Kill(-worker, Libc.SigKill);
        }

        return Outcome(process.ExitCode);
    }

    ProcessStartInfo StartInfo(ChildRequest request, string requestFile)
    {
        var supervisor = Path.Combine(AppContext.BaseDirectory, "workflow-supervisor");
        var supervised = File.Exists(supervisor);
        List<string> command = [.. options.ChildCommand ?? SelfCommand(), "stage-child", "--request", requestFile];
        if (supervised)
        {
            command.Insert(0, supervisor);
        }

        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = request.Scratch,
        };
        var environment = start.Environment;
        environment["OMP_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = environment["MKL_NUM_THREADS"] = request.Threads.ToString();
        environment["OMP_WAIT_POLICY"] = "passive";
        environment["OMP_DYNAMIC"] = "false";
        environment["WF_GRACE_MS"] = ((long)options.Grace.TotalMilliseconds).ToString();
        if (!supervised)
        {
            environment[StageChild.LifelineVariable] = "stdin";
        }

        return start;
    }

    static List<string> SelfCommand()
    {
        var program = Environment.ProcessPath ?? throw new WorkflowException("This program's path is unknown; a stage's process cannot be started.");
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, Environment.GetCommandLineArgs()[0]] : [program];
    }

    static void Stop(Process process, StopReason reason)
    {
        try
        {
            if (reason == StopReason.Fenced)
            {
                process.StandardInput.Close();
            }
            else
            {
                _ = Libc.Kill(process.Id, Libc.SigTerm);
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    async Task ReadErrorsAsync(StreamReader errors)
    {
        while (await errors.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (tail)
            {
                // What a library said first names the fault; what the runtime said last says where.
                if (head.Count < HeadLines)
                {
                    head.Add(line);
                }
                else
                {
                    tail.Enqueue(line);
                    if (tail.Count > TailLines)
                    {
                        tail.Dequeue();
                    }
                }
            }

            telemetry.Log(line);
        }
    }

    void Handle(ChildRequest request, string line)
    {
        ChildMessage? m;
        try
        {
            m = JsonSerializer.Deserialize<ChildMessage>(line, ChildMessage.Json);
        }
        catch (JsonException)
        {
            // Half a line of a child that was killed while it spoke.
            return;
        }

        switch (m)
        {
            case { T: "hello" }:
                worker = (int)m.Id;
                break;
            case { T: "describe" }:
                context.Describe(m.Slot!, m.Name!, m.Rows, m.Text);
                break;
            case { T: "meta" }:
                context.Meta(m.Slot!, m.Key!, m.Text ?? "");
                break;
            case { T: "include" }:
                context.Include(m.Slot!, inputsById[m.Artifact!], m.Member!, m.Name!);
                break;
            case { T: "progress" }:
                context.Progress(new StageProgress(m.Done, m.Total, m.Name ?? "", m.Text));
                break;
            case { T: "metric" }:
                context.Metric(m.Key!, m.Step, m.Value);
                break;
            case { T: "histogram" }:
                context.Histogram(m.Key!, m.Step, m.Low, m.High, m.Counts ?? [], m.Figures);
                break;
            case { T: "event" }:
                context.Event(m.Key!, m.Text ?? "{}");
                break;
            case { T: "reuse" }:
                context.CountReuse(m.Text!, m.Total, m.Done);
                break;
            case { T: "log" }:
                context.Log(m.Text ?? "");
                break;
            case { T: "checkpoint" }:
                Answer(request, m);
                break;
            case { T: "end" }:
                end = m;
                break;
        }
    }

    void Answer(ChildRequest request, ChildMessage m)
    {
        ChildAnswer answer;
        try
        {
            context.Checkpoint(m.Step, m.Text ?? "{}", m.Name!, m.Score);
            answer = new ChildAnswer(true, null);
        }
        catch (OperationCanceledException)
        {
            answer = new ChildAnswer(false, null);
        }
        catch (IOException fault)
        {
            answer = new ChildAnswer(false, fault.Message);
        }

        var file = Path.Combine(request.Answers, m.Id.ToString());
        File.WriteAllText(file + ".part", JsonSerializer.Serialize(answer));
        Libc.Rename(file + ".part", file);
    }

    AttemptFault? Outcome(int exitCode) => end switch
    {
        { Kind: "ok" } when exitCode == 0 => null,
        { Kind: "user" } => new AttemptFault("user", end.Text ?? "", end.Name ?? "", FaultClass.Data),
        { Kind: "disk_full" } => AttemptFault.DiskFull(end.Text ?? ""),
        { Kind: "cancelled" } => new AttemptFault("cancelled", "The stage was asked to stop.", "", FaultClass.None),
        { Kind: "out_of_memory" } => new AttemptFault("out_of_memory", end.Text ?? "", end.Name ?? "", FaultClass.Resource),
        { Kind: "transient" } => new AttemptFault("transient", end.Text ?? "", end.Name ?? "", FaultClass.Transient),
        { Kind: "error" } => AttemptFault.Error(end.Text ?? "", end.Name ?? ""),
        _ => Crash(exitCode),
    };

    AttemptFault Crash(int exitCode)
    {
        var signal = exitCode > 128 ? exitCode - 128 : 0;
        var how = signal switch
        {
            0 => $"ended with exit code {exitCode} and no word",
            4 => "was killed by signal 4 (SIGILL: an instruction this processor lacks)",
            6 => "aborted (signal 6, SIGABRT)",
            7 => "was killed by signal 7 (SIGBUS: often a full disk or shared memory)",
            8 => "was killed by signal 8 (SIGFPE)",
            9 => "was killed by signal 9 (SIGKILL: often the kernel, out of memory)",
            11 => "crashed (signal 11, SIGSEGV)",
            _ => $"was killed by signal {signal}",
        };
        string words;
        lock (tail)
        {
            words = string.Join('\n', head.Concat(tail));
        }

        return new AttemptFault("crash", $"The stage's process {how}.{(words.Length > 0 ? $" Its last words:\n{words}" : "")}", signal > 0 ? $"signal {signal}" : $"exit {exitCode}",
            signal is 7 or 9 ? FaultClass.Resource : FaultClass.Code);
    }
}
