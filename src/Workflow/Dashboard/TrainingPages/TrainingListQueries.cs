using Workflow.Dashboard.RunPages;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>Reads the list of trainings: those that run, then all, newest run first.</summary>
static class TrainingListQueries
{
    const int SparkPoints = 60;
    const string Columns = """
        SELECT n.run_id, n.node_id, r.pipeline, n.state, r.created_us, n.param_id, COALESCE(a.progress_num, 0), COALESCE(a.progress_den, 0),
          (SELECT o.run_id FROM node_reuse u JOIN attempt o USING(attempt_id) WHERE u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused')
        FROM node n JOIN run r ON r.run_id=n.run_id LEFT JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=n.epoch
        """;

    /// <summary>Trainings that run now.</summary>
    public static List<TrainingRow> Running(LedgerConnection db) => Rows(db, db.Query($"{Columns} WHERE (n.run_id, n.node_id) IN (SELECT run_id, node_id FROM attempt INDEXED BY attempt_running WHERE state='running') AND +n.uses='train' AND +n.state='running' ORDER BY n.run_id DESC LIMIT 50", Head));

    /// <summary>A page of all trainings and the cursor of the next; those that run are left to <see cref="Running"/>.</summary>
    public static (List<TrainingRow> Rows, string? Next) Page(LedgerConnection db, Paging paging)
    {
        var (run, node) = Cursor.Read(paging.After, "tt") is [string r, string n] ? (r, n) : ("\uffff", "");
        var heads = db.Query($"""
            {Columns} WHERE n.uses='train' AND n.kind<>'partition' AND n.run_id<=?1 AND (n.run_id<?1 OR n.node_id>?2) ORDER BY n.run_id DESC, n.node_id LIMIT ?3
            """, Head, run, node, paging.Size + 1);
        var next = heads.Count > paging.Size ? Cursor.Of(heads[paging.Size - 1].Run, heads[paging.Size - 1].Node) : null;
        return (Rows(db, heads.Take(paging.Size).Where(h => h.State != "running")), next);
    }

    /// <summary>Newest trainings that have curves, to choose one to compare with.</summary>
    public static List<(string Run, string Node, string Job, DateTimeOffset Created)> Others(LedgerConnection db, string run, string node) =>
        db.Query($"{Columns} WHERE n.uses='train' AND n.kind<>'partition' ORDER BY n.run_id DESC, n.node_id LIMIT 40", Head)
            .Where(h => h.State is not ("reused" or "waiting" or "ready" or "skipped") && (h.Run, h.Node) != (run, node)).Select(h => (h.Run, h.Node, h.Job, h.Created)).ToList();

    static List<TrainingRow> Rows(LedgerConnection db, IEnumerable<HeadRow> heads) => heads.Select(h => Row(db, h)).ToList();

    static TrainingRow Row(LedgerConnection db, HeadRow head)
    {
        // A reused training has its curves where it was computed.
        var (run, node) = (head.ReusedFrom ?? head.Run, head.Node);
        var story = TrainingStory.Read(db, run, node, []);
        var series = MetricQueries.Series(db, run, node);
        var loss = series.Find(s => s.Key is "train_loss" or "train/loss") ?? series.Find(s => s.Key.EndsWith("loss", StringComparison.Ordinal));
        (string, long, double?)? best = story.Best is { } told && series.Find(s => s.Key == told.Series) is { } decides
            ? (told.Series, told.Step, Value(db, decides.Id, told.Step))
            : db.First("SELECT step, metric FROM checkpoint WHERE run_id=?1 AND node_id=?2 AND metric IS NOT NULL ORDER BY best DESC, metric DESC LIMIT 1", r => ("nDCG@10", r.Number(0), r.RealOrNull(1)), run, node) is { Item1: not null } kept ? kept : null;
        (double, string)? rate = series.Find(s => s.Key == "pairs_per_second") is { } pairs && Value(db, pairs.Id, pairs.LastStep) is { } speed ? (speed, "pairs/s") : null;
        return new TrainingRow(head.Run, head.Node, head.Job, head.State, head.Created, Device(db, head.Set), head.Done, head.Total, loss is null ? [] : MetricQueries.Points(db, loss.Id, -1, SparkPoints), best,
            story.Notices.Count(n => n.Policy is not null), rate, head.ReusedFrom);
    }

    /// <summary>The device that a set of options asks for.</summary>
    public static string Device(LedgerConnection db, string paramId) => ParameterQueries.Options(db, paramId).GetValueOrDefault("training.device") ?? "cpu";

    /// <summary>The value of a series at a step, or null.</summary>
    public static double? Value(LedgerConnection db, long series, long step) => db.First("SELECT value FROM metric_point WHERE series_id=?1 AND step=?2", r => r.RealOrNull(0), series, step);

    static HeadRow Head(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.Text(3), LedgerTime.FromMicros(r.Number(4)), r.Text(5), r.Number(6), r.Number(7), r.TextOrNull(8));

    sealed record HeadRow(string Run, string Node, string Job, string State, DateTimeOffset Created, string Set, long Done, long Total, string? ReusedFrom);
}
