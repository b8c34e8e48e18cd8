using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary>What a finished run leaves on the screen, and its JSON.</summary>
static class RunSummary
{
    /// <summary>Stages, scores, decisions of named slots and the report's path.</summary>
    public static void Write(HomePaths paths, RunDetail run, TextWriter output)
    {
        WriteStages(run, output);
        if (RunScores.Read(paths, run) is { } scores)
        {
            output.WriteLine();
            scores.Write(output);
        }

        foreach (var (slot, _, reason) in RunDecisions.Of(paths, run))
        {
            output.WriteLine();
            output.WriteLine($"Slot {slot}: {reason}.");
        }

        if (ReportOf(paths, run) is { } report)
        {
            output.WriteLine();
            output.WriteLine($"Report: {report}");
        }
    }

    /// <summary>One line per stage: state, time, rows and hash of what it published.</summary>
    public static void WriteStages(RunDetail run, TextWriter output)
    {
        var table = new TextTable("stage", "state", "time", "artifact", "rows", "hash").Right(2, 4);
        foreach (var node in run.Stages)
        {
            var outputs = run.OutputsOf(node.NodeId).OrderBy(o => o.Key, StringComparer.Ordinal).ToList();
            var time = Duration(run, node) is { } span ? HumanText.Time(span) : "";
            if (outputs.Count == 0)
            {
                table.Add(node.NodeId, node.State, time, "", "", "");
            }

            for (var i = 0; i < outputs.Count; i++)
            {
                var (slot, artifact) = outputs[i];
                table.Add(i == 0 ? node.NodeId : "", i == 0 ? node.State : "", i == 0 ? time : "", slot, artifact.Rows is > 0 and var rows ? HumanText.Count(rows) : "", HumanText.Short(artifact.Id));
            }
        }

        table.Write(output);
    }

    /// <summary><c>{"run","state","scores","artifacts"}</c>; artifacts are keyed <c>stage.slot</c>.</summary>
    public static JsonObject Json(HomePaths paths, RunDetail run)
    {
        var artifacts = new JsonObject();
        foreach (var (stage, slot, artifact) in run.Stages.SelectMany(n => run.OutputsOf(n.NodeId).OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => (n.NodeId, o.Key, o.Value))))
        {
            artifacts[$"{stage}.{slot}"] = artifact.Id;
        }

        var json = new JsonObject { ["run"] = run.Run.RunId, ["state"] = run.Run.State, ["scores"] = RunScores.Read(paths, run)?.Means() ?? [], ["artifacts"] = artifacts };
        if (ReportOf(paths, run) is { } report)
        {
            json["report"] = report;
        }

        if (RunDecisions.Json(paths, run) is { } decisions)
        {
            json["slots"] = decisions;
        }

        if (run.Run.Error is { } error)
        {
            json["error"] = error;
        }

        return json;
    }

    /// <summary>Time that this run spent on a stage: its own attempts and those of its partitions.</summary>
    static TimeSpan? Duration(RunDetail run, NodeRow node)
    {
        var attempts = run.Nodes.Where(n => n.Stage == node.Stage).SelectMany(n => n.Attempts).Where(a => a.Ended is not null).ToList();
        return attempts.Count == 0 ? null : attempts.Max(a => a.Ended!.Value) - attempts.Min(a => a.Started);
    }

    /// <summary>Path of the HTML report that people open: below the home's <c>runs</c> folder where that link stands, else in the store.</summary>
    static string? ReportOf(HomePaths paths, RunDetail run)
    {
        if (run.Outputs.LastOrDefault(o => o.NodeId == "report" && o.Artifact.Kind == "report") is not { } output)
        {
            return null;
        }

        var member = ArtifactFiles.ManifestOf(paths, output.Artifact.Id).Members.FirstOrDefault(m => m.Name.EndsWith(".html", StringComparison.Ordinal));
        if (member is null)
        {
            return null;
        }

        var view = Path.Combine(paths.Runs, run.Run.RunId, output.NodeId, output.Slot, member.Name);
        return File.Exists(view) ? view : paths.Blob(member.Hash);
    }
}
