using System.Text.Json;
using DataPrep;

namespace Workflow.Stages;

/// <summary>A stage's context in a child process: everything said goes to the host as a line; checkpoints wait for the host's answer.</summary>
sealed class ChildStageContext(Stream toHost, ChildRequest request, CancellationToken cancellationToken) : StageContext
{
    const int ProgressMillis = 100;
    readonly Lock gate = new();
    StageProgress? held;
    long sent;
    long requests;

    public override string OutputFolder(string slot)
    {
        var folder = Path.Combine(request.Outputs, slot);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public override void Describe(string slot, string name, long? rows, string? logicalHash) =>
        Send(new ChildMessage("describe") { Slot = slot, Name = name, Rows = rows, Text = logicalHash });

    public override void Meta(string slot, string key, string value) => Send(new ChildMessage("meta") { Slot = slot, Key = key, Text = value });

    public override void Include(string slot, InputArtifact artifact, string member, string name) =>
        Send(new ChildMessage("include") { Slot = slot, Artifact = artifact.Id, Member = member, Name = name });

    public override void Progress(StageProgress progress)
    {
        lock (gate)
        {
            // Called from hot loops: a line every tenth of a second is enough; the last one is sent at the end.
            if (sent != 0 && Environment.TickCount64 - sent < ProgressMillis && progress.Message is null)
            {
                held = progress;
                return;
            }

            sent = Environment.TickCount64;
            held = null;
        }

        Send(Message(progress));
    }

    public override void Metric(string key, long step, double value) => Send(new ChildMessage("metric") { Key = key, Step = step, Value = value });

    public override void Histogram(string key, long step, double low, double high, IReadOnlyList<long> counts, IReadOnlyDictionary<string, double>? figures = null) =>
        Send(new ChildMessage("histogram") { Key = key, Step = step, Low = low, High = high, Counts = counts, Figures = figures });

    public override void Event(string type, string payload) => Send(new ChildMessage("event") { Key = type, Text = payload });

    public override void CountReuse(string words, long total, long anew) => Send(new ChildMessage("reuse") { Text = words, Total = total, Done = anew });

    public override void Log(string line) => Send(new ChildMessage("log") { Text = line });

    public override void Checkpoint(long step, string cursorJson, string folder, double? metric)
    {
        var id = Interlocked.Increment(ref requests);
        Send(new ChildMessage("checkpoint") { Id = id, Step = step, Text = cursorJson, Name = Path.GetFullPath(folder), Score = metric });
        var answer = WaitFor(Path.Combine(request.Answers, id.ToString()));
        if (answer.Error is not null)
        {
            throw new WorkflowException($"The checkpoint of step {step} was not saved: {answer.Error}");
        }

        if (!answer.Done)
        {
            throw new OperationCanceledException("This attempt no longer holds its node.");
        }
    }

    /// <summary>Sends what was held back, then how the stage ended.</summary>
    public void End(string kind, string? message, string? type)
    {
        if (held is { } last)
        {
            Send(Message(last));
        }

        Send(new ChildMessage("end") { Kind = kind, Text = message, Name = type });
    }

    /// <summary>Says which process this is.</summary>
    public void Hello() => Send(new ChildMessage("hello") { Id = Environment.ProcessId });

    static ChildMessage Message(StageProgress progress) => new("progress") { Done = progress.Done, Total = progress.Total, Name = progress.Unit, Text = progress.Message };

    ChildAnswer WaitFor(string file)
    {
        var wait = 1;
        while (!File.Exists(file))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Thread.Sleep(wait);
            wait = Math.Min(wait * 2, 20);
        }

        return JsonSerializer.Deserialize<ChildAnswer>(File.ReadAllText(file))!;
    }

    void Send(ChildMessage message)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(message, ChildMessage.Json);
        lock (gate)
        {
            toHost.Write(line);
            toHost.WriteByte((byte)'\n');
            toHost.Flush();
        }
    }
}
