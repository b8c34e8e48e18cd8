using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>Someone who is told what happens from now on, for as long as this process lives: nothing is told again.</summary>
interface IHistoryListener
{
    /// <summary>Told each event once, in order.</summary>
    /// <param name="db">A snapshot of the ledger.</param>
    /// <param name="e">The event.</param>
    void Tell(LedgerConnection db, EventRow e);
}

/// <summary>Follows the history from the moment it is made and tells its listeners.</summary>
sealed class HistoryTail
{
    readonly LedgerDb ledger;
    readonly IReadOnlyList<IHistoryListener> listeners;
    readonly Lock gate = new();
    long seq;

    /// <summary>Begins at the end of the history.</summary>
    public HistoryTail(LedgerDb ledger, IReadOnlyList<IHistoryListener> listeners)
    {
        (this.ledger, this.listeners) = (ledger, listeners);
        seq = ledger.Read(db => db.Number("SELECT COALESCE(MAX(seq), 0) FROM event"));
    }

    /// <summary>Tells all that has happened since.</summary>
    public void CatchUp()
    {
        const int look = 1000;
        lock (gate)
        {
            while (ledger.Read(Look) == look)
            {
            }
        }

        int Look(LedgerConnection db)
        {
            var events = db.Query("SELECT seq, ts_us, run_id, node_id, epoch, type, payload FROM event WHERE seq>?1 ORDER BY seq LIMIT ?2",
                r => new EventRow(r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.TextOrNull(2), r.TextOrNull(3), r.NumberOrNull(4), r.Text(5), r.TextOrNull(6)), seq, look);
            foreach (var e in events)
            {
                // Moved on first: an event that a listener cannot bear is not told for ever.
                seq = e.Seq;
                foreach (var listener in listeners)
                {
                    listener.Tell(db, e);
                }
            }

            return events.Count;
        }
    }

    /// <summary>Follows until cancelled, or until the bell says that it is the end.</summary>
    public async Task RunAsync(OutsideBell bell, CancellationToken cancellationToken)
    {
        var ending = false;
        while (!ending)
        {
            ending = bell.Ending;
            try
            {
                CatchUp();
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The ledger cannot be read just now, or a listener is at fault: counting must never stop the work, and the next look goes on.
            }

            if (!ending)
            {
                await bell.WaitAsync(TimeSpan.FromMilliseconds(400), cancellationToken);
            }
        }
    }
}
