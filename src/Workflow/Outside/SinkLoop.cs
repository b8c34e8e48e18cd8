using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>
/// Tells one sink the history, in order and at least once: reads on after its cursor, sends, and moves the cursor once the receiver has it. What does not arrive is tried again for as long as it takes,
/// but a message that the receiver refuses for what it is is passed over after <see cref="Refusals"/> tries, on record.
/// </summary>
sealed class SinkLoop(string home, SinkSpec spec, ISink sink, IMessageSource source, LedgerDb ledger, OutsideBell bell)
{
    /// <summary>Tries before a refused message is passed over.</summary>
    public const int Refusals = 5;

    /// <summary>How often the history is looked at without a ring.</summary>
    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(400);

    readonly SinkRows rows = new(ledger);

    /// <summary>Messages of the event after the cursor that have arrived already.</summary>
    int partly;

    /// <summary>Runs until cancelled; once the bell says that it is the end, until all is told or something does not arrive.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1L; ; tries++)
        {
            try
            {
                await TellAsync(cancellationToken);
                return;
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // Nothing may end the telling but the end: a ledger that cannot be written now, or a fault of ours. It is told where it can be.
                var wait = SinkBackoff.Wait($"{home}/{spec.Name}", 0, tries, null);
                TryRecord(fault, tries, wait);
                if (bell.Ending)
                {
                    return;
                }

                await bell.WaitAsync(wait, cancellationToken, endingOnly: true);
            }
        }
    }

    void TryRecord(Exception fault, long tries, TimeSpan wait)
    {
        try
        {
            rows.Fail(spec.Name, rows.Position(spec.Name).Cursor, 0, tries, wait, $"{fault.GetType().Name}: {fault.Message}");
        }
        catch (Exception)
        {
            // The ledger itself is what fails; the next look tries again.
        }
    }

    async Task TellAsync(CancellationToken cancellationToken)
    {
        partly = 0;
        var position = rows.Position(spec.Name);
        while (true)
        {
            // Asked before the look: what the last ring told of is seen by this look.
            var ending = bell.Ending;
            var (last, messages) = ledger.Read(db => Next(db, position.Cursor));
            if (last == position.Cursor)
            {
                if (ending)
                {
                    return;
                }

                await bell.WaitAsync(Poll, cancellationToken);
                continue;
            }

            var delivery = messages.Count == partly ? new Delivery(0, null) : await sink.SendAsync(messages[partly..], cancellationToken);
            if (delivery.Fault is null)
            {
                rows.Advance(spec.Name, last, delivery.Count);
                position = position with { Cursor = last, Tries = 0 };
                partly = 0;
                continue;
            }

            var (next, wait) = Failed(position, messages, last, delivery);
            position = next;
            if (wait > TimeSpan.Zero)
            {
                if (bell.Ending)
                {
                    return;
                }

                await bell.WaitAsync(wait, cancellationToken, endingOnly: true);
            }
        }
    }

    (SinkPosition Next, TimeSpan Wait) Failed(SinkPosition position, List<OutsideMessage> messages, long last, Delivery delivery)
    {
        var at = partly + delivery.Count;
        var failed = messages[at];
        var fault = delivery.Fault!;
        var tries = delivery.Count > 0 ? 1 : position.Tries + 1;
        var first = messages.FindIndex(m => m.Seq == failed.Seq);
        if (fault.Refused && tries >= Refusals)
        {
            // The cursor stands before the next message; where that is one of the same event, after those of it that arrived.
            var following = at + 1 < messages.Count ? messages[at + 1].Seq : last + 1;
            partly = following == failed.Seq ? at + 1 - first : 0;
            rows.Skip(spec.Name, following - 1, delivery.Count, failed, tries, fault.Message);
            return (position with { Cursor = following - 1, Tries = 0 }, TimeSpan.Zero);
        }

        var wait = SinkBackoff.Wait($"{home}/{spec.Name}", failed.Seq, tries, fault.RetryAfter);
        partly = at - first;
        rows.Fail(spec.Name, failed.Seq - 1, delivery.Count, tries, wait, fault.Message);
        return (position with { Cursor = failed.Seq - 1, Tries = tries }, wait);
    }

    /// <summary>The messages of the next events, as many events as give about a batch of them.</summary>
    (long Last, List<OutsideMessage> Messages) Next(LedgerConnection db, long cursor)
    {
        const int look = 500;
        var messages = new List<OutsideMessage>();
        foreach (var e in db.Query("SELECT seq, ts_us, run_id, node_id, epoch, type, payload FROM event WHERE seq>?1 ORDER BY seq LIMIT ?2",
            r => new EventRow(r.Number(0), LedgerTime.FromMicros(r.Number(1)), r.TextOrNull(2), r.TextOrNull(3), r.NumberOrNull(4), r.Text(5), r.TextOrNull(6)), cursor, look))
        {
            messages.AddRange(source.Messages(db, e));
            cursor = e.Seq;
            if (messages.Count >= sink.Batch + partly)
            {
                break;
            }
        }

        return (cursor, messages);
    }
}
