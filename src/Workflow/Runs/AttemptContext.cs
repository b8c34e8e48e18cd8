using DataPrep;
using Workflow.Artifacts;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>A stage's context within the host process; also where a child's words end up.</summary>
sealed class AttemptContext(string outputs, StageReport report, Telemetry telemetry, Action<long, string, string, double?> checkpoint) : StageContext
{
    public override string OutputFolder(string slot)
    {
        var folder = Path.Combine(outputs, slot);
        Directory.CreateDirectory(folder);
        return folder;
    }

    public override void Describe(string slot, string name, long? rows, string? logicalHash) => report.Describe(slot, name, rows, logicalHash);

    public override void Meta(string slot, string key, string value) => report.SetMeta(slot, key, value);

    public override void Include(string slot, InputArtifact artifact, string member, string name) => report.Include(slot, artifact.Manifest, member, name);

    public override void Progress(StageProgress progress) => telemetry.Progress(progress);

    public override void Metric(string key, long step, double value) => telemetry.Metric(key, step, value);

    public override void Histogram(string key, long step, double low, double high, IReadOnlyList<long> counts, IReadOnlyDictionary<string, double>? figures = null) =>
        telemetry.Histogram(key, step, low, high, counts, figures);

    public override void Event(string type, string payload) => telemetry.Event(type, payload);

    public override void CountReuse(string words, long total, long anew) => report.CountReuse(words, total, anew);

    public override void Log(string line) => telemetry.Log(line);

    public override void Checkpoint(long step, string cursorJson, string folder, double? metric) => checkpoint(step, cursorJson, folder, metric);
}
