using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli;

/// <summary>What a finished run leaves on the screen.</summary>
static class RunSummary
{
    /// <summary>Stages, scores, decisions of named slots and the report's path.</summary>
    public static void Write(RunView run, TextWriter output)
    {
        WriteStages(run, output);
        if (run.Scores is { } scores)
        {
            output.WriteLine();
            RunScores.Write(scores, output);
        }

        foreach (var decision in run.Decisions)
        {
            output.WriteLine();
            output.WriteLine($"Slot {decision.Slot}: {decision.Reason}.");
        }

        if (run.Report is { } report)
        {
            output.WriteLine();
            output.WriteLine($"Report: {report}");
        }

        foreach (var note in run.Notes)
        {
            output.WriteLine();
            output.WriteLine(note);
        }
    }

    /// <summary>One line per stage: state, time, rows and hash of what it published.</summary>
    public static void WriteStages(RunView run, TextWriter output)
    {
        var table = new TextTable("stage", "state", "time", "artifact", "rows", "hash").Right(2, 4);
        foreach (var stage in run.Table)
        {
            var time = stage.Seconds is { } seconds ? HumanText.Time(TimeSpan.FromSeconds(seconds)) : "";
            if (stage.Outputs.Count == 0)
            {
                table.Add(stage.Stage, stage.State, time, "", "", "");
            }

            for (var i = 0; i < stage.Outputs.Count; i++)
            {
                var made = stage.Outputs[i];
                table.Add(i == 0 ? stage.Stage : "", i == 0 ? stage.State : "", i == 0 ? time : "", made.Slot, made.Rows is > 0 and var rows ? HumanText.Count(rows) : "", HumanText.Short(made.Hash));
            }
        }

        table.Write(output);
    }
}
