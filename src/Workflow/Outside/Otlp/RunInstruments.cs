using System.Diagnostics.Metrics;
using Workflow.Ledger;

namespace Workflow.Outside.Otlp;

/// <summary>Metrics for OpenTelemetry: durations and counts from the history, depth of queues, slots and lag of sinks when asked.</summary>
sealed class RunInstruments : IHistoryListener, IDisposable
{
    readonly Meter meter = new(RunSpans.Name, ProgramVersion.Text);
    readonly Histogram<double> attempts;
    readonly Histogram<double> runs;
    readonly Counter<long> reuses;

    /// <summary>Makes the instruments.</summary>
    /// <param name="ledger">The ledger of the home.</param>
    public RunInstruments(LedgerDb ledger)
    {
        attempts = meter.CreateHistogram<double>("workflow.attempt.duration", "s", "Time from claim to end of an attempt.");
        runs = meter.CreateHistogram<double>("workflow.run.duration", "s", "Time from a run's start to its end.");
        reuses = meter.CreateCounter<long>("workflow.memo.hits", "{node}", "Nodes whose results were taken from an earlier attempt.");
        meter.CreateObservableGauge("workflow.queue.depth", () => Look("SELECT slot_class, COUNT(*) FROM node WHERE state='ready' GROUP BY 1", "workflow.slot_class"), "{node}", "Nodes ready to be claimed.");
        meter.CreateObservableGauge("workflow.slots.used", () => Look("SELECT slot_class, COUNT(attempt_id) FROM slot GROUP BY 1", "workflow.slot_class"), "{slot}", "Slots that an attempt holds.");
        meter.CreateObservableGauge("workflow.sink.lag", () => Look("SELECT name, MAX(0, (SELECT COALESCE(MAX(seq), 0) FROM event) - cursor_seq) FROM sink WHERE retired_us IS NULL", "workflow.sink"), "{event}", "Events a sink has not passed.");

        List<Measurement<long>> Look(string sql, string label)
        {
            try
            {
                return ledger.Read(db => db.Query(sql, r => new Measurement<long>(r.Number(1), new KeyValuePair<string, object?>(label, r.Text(0)))));
            }
            catch (Exception fault) when (fault is ObjectDisposedException or Microsoft.Data.Sqlite.SqliteException)
            {
                return [];
            }
        }
    }

    /// <inheritdoc/>
    public void Tell(LedgerConnection db, EventRow e)
    {
        switch (e.Type)
        {
            case "node.reused":
                reuses.Add(1, new KeyValuePair<string, object?>("workflow.stage", AttemptEnd.StageOf(e.NodeId!)));
                break;
            case "run.ended":
                var started = db.First("SELECT started_us FROM run WHERE run_id=?1", r => r.TimeOrNull(0), e.RunId);
                runs.Record(Seconds(started, e), new KeyValuePair<string, object?>("workflow.job", AttemptEnd.JobOf(db, e.RunId)), new KeyValuePair<string, object?>("workflow.state", OutsideJson.Detail(e)));
                break;
            default:
                if (AttemptEnd.Of(db, e) is { } end)
                {
                    attempts.Record(Seconds(end.Started, e), new KeyValuePair<string, object?>("workflow.stage", end.Stage), new KeyValuePair<string, object?>("workflow.outcome", end.Outcome), new KeyValuePair<string, object?>("workflow.exit_kind", end.ExitKind));
                }

                break;
        }
    }

    static double Seconds(DateTimeOffset? from, EventRow to) => from is { } start && to.Time > start ? (to.Time - start).TotalSeconds : 0;

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
