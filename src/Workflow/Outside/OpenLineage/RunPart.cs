using Workflow.Ledger;

namespace Workflow.Outside.OpenLineage;

/// <summary>
/// A stretch of a run from its beginning to its end. A run that ended and was resumed has several; OpenLineage knows each as a run of its own, since a run has one end there.
/// </summary>
/// <param name="Id">Its id there: the run's own for the first, made from the resuming event for later ones.</param>
/// <param name="Seq">The event that began it.</param>
/// <param name="Begun">When.</param>
/// <param name="Number">0 for the first.</param>
readonly record struct RunPart(Guid Id, long Seq, DateTimeOffset Begun, int Number)
{
    /// <summary>The part of a run that an event belongs to.</summary>
    public static RunPart Of(LedgerConnection db, string runId, long seq) => Last(runId, db.Query(
        "SELECT seq, ts_us, type FROM event WHERE run_id=?1 AND seq<=?2 AND (type='run.queued' OR type='run.resumed' OR type='run.ended') ORDER BY seq", Life, runId, seq));

    /// <summary>The part of a run that was open at a time.</summary>
    public static RunPart At(LedgerConnection db, string runId, DateTimeOffset time) => Last(runId, db.Query(
        "SELECT seq, ts_us, type FROM event WHERE run_id=?1 AND ts_us<=?2 AND (type='run.queued' OR type='run.resumed' OR type='run.ended') ORDER BY seq", Life, runId, time.Micros()));

    static (long Seq, DateTimeOffset Time, string Type) Life(Row r) => (r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.Text(2));

    static RunPart Last(string runId, IReadOnlyList<(long Seq, DateTimeOffset Time, string Type)> life)
    {
        var part = new RunPart(NameUuid.Run(runId), 0, DateTimeOffset.UnixEpoch, -1);
        var open = false;
        foreach (var (at, time, type) in life)
        {
            if (type == "run.ended")
            {
                open = false;
            }
            else if (!open)
            {
                open = true;
                part = new RunPart(part.Number < 0 ? NameUuid.Run(runId) : NameUuid.Of(NameUuid.Run(runId), $"resume/{at}"), at, time, part.Number + 1);
            }
        }

        return part;
    }
}
