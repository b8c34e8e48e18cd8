using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.RunPages;

/// <summary>Reads a run over time: attempts one by one where a stage has few, else how many ran at a time.</summary>
static class GanttQueries
{
    const int MostBars = 160;
    const int Columns = 240;

    /// <summary>A lane for each stage; seconds since the run was made.</summary>
    public static (IReadOnlyList<GanttLane> Lanes, double Seconds) Lanes(LedgerConnection db, RunPageModel model, DateTimeOffset now)
    {
        var zero = model.Run.Created;
        var end = model.Run.Ended ?? (model.Run.State is "running" or "queued" ? now : model.Stages.Select(s => s.Ended ?? s.NodeEnded).Max() ?? zero);
        var seconds = Math.Max(1, (end - zero).TotalSeconds);
        var ends = model.Stages.ToDictionary(s => s.Name, s => s.NodeEnded ?? (s.State == "succeeded" ? s.Ended : null), StringComparer.Ordinal);
        return (model.Stages.Select(Lane).ToList(), seconds);

        GanttLane Lane(StageRow stage)
        {
            var upstream = model.Edges.Where(e => e.To == stage.Name).Select(e => ends.GetValueOrDefault(e.From)).ToList();
            var detail = stage.Partitions > 0 ? $"{Format.State(stage.Shown)}, {Format.Count(stage.PartitionsDone)} of {Format.Count(stage.Partitions)} partitions" : Format.State(stage.Shown);
            return new GanttLane(stage.Name, detail, Format.NodeAddress(model.Run.RunId, stage.Name), Format.Look(stage.Shown))
            {
                Ready = upstream.Contains(null) ? null : Math.Max(0, upstream.Max() is { } last ? (last - zero).TotalSeconds : 0),
                Reused = stage.State == "reused" ? ((stage.NodeEnded ?? zero) - zero).TotalSeconds : null,
                Bars = stage.Attempts is > 0 and <= MostBars ? Bars(stage) : [],
                Pulses = stage.Attempts > MostBars ? Pulses(stage) : [],
            };
        }

        List<GanttBar> Bars(StageRow stage) => db.Query("""
            SELECT node_id, epoch, state, started_us, ended_us, exit_kind, resumed_ckpt FROM (SELECT * FROM attempt WHERE run_id=?1 AND node_id=?2
            UNION ALL SELECT * FROM attempt WHERE run_id=?1 AND node_id>?2||'/' AND node_id<?2||'0') ORDER BY +started_us
            """, r => (Node: r.Text(0), Epoch: r.Number(1), State: r.Text(2), From: LedgerTime.FromMicros(r.Number(3)), To: r.TimeOrNull(4), Exit: r.TextOrNull(5), Resumed: r.NumberOrNull(6)), model.Run.RunId, stage.Name)
            .Select(a => new GanttBar((a.From - zero).TotalSeconds, ((a.To ?? end) - zero).TotalSeconds, Format.Look(a.State),
                $"{a.Node}, attempt {a.Epoch}: {Format.State(a.State)}{(a.Exit is null or "ok" ? "" : $" ({a.Exit})")}, {Format.Duration((a.To ?? now) - a.From)}{(a.Resumed is { } step ? $", from step {Format.Count(step)}" : "")}", a.Node)).ToList();

        // The running sum of starts and ends; of the bins that share a column the highest counts.
        List<GanttPulse> Pulses(StageRow stage)
        {
            var pulses = new List<GanttPulse>();
            long running = 0;
            foreach (var (at, began, ended, failed) in db.Query("SELECT at_us, began, ended, failed FROM attempt_pulse WHERE run_id=?1 AND stage=?2 ORDER BY at_us",
                r => (LedgerTime.FromMicros(r.Number(0)), r.Number(1), r.Number(2), r.Number(3)), model.Run.RunId, stage.Name))
            {
                var second = Math.Clamp((at - zero).TotalSeconds, 0, seconds);
                var column = Math.Floor(second / seconds * Columns) / Columns * seconds;
                var most = running + began;
                running = most - ended;
                if (pulses is [.., var last] && last.At == column)
                {
                    pulses[^1] = last with { Most = Math.Max(last.Most, most), After = running, Failed = last.Failed + failed };
                }
                else
                {
                    pulses.Add(new GanttPulse(column, most, running, failed));
                }
            }

            return pulses;
        }
    }
}
