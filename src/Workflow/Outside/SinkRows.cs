using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>How far a sink has told the history.</summary>
/// <param name="Start">Events up to this one were there before the sink.</param>
/// <param name="Cursor">Told up to this event.</param>
/// <param name="Tries">Failed tries of the message after it.</param>
readonly record struct SinkPosition(long Start, long Cursor, long Tries);

/// <summary>Sinks as rows of the ledger. Only the process that holds the home writes them.</summary>
sealed class SinkRows(LedgerDb ledger)
{
    /// <summary>Makes the rows fit the configuration: a new sink starts at the end of the history or at its beginning; one that is gone is retired, and goes on where it stood when it comes back.</summary>
    public void Declare(IReadOnlyList<SinkSpec> sinks) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        foreach (var sink in sinks)
        {
            var kind = db.Text("SELECT kind FROM sink WHERE name=?1", sink.Name);
            if (kind is not null && kind != sink.Kind)
            {
                throw new WorkflowException($"The sink '{sink.Name}' is {sink.Kind} in the configuration, but this home knows it as {kind}, told up to event {db.Number("SELECT cursor_seq FROM sink WHERE name=?1", sink.Name)}. Give the new sink another name.", exitCode: 2);
            }

            db.Execute("""
                INSERT INTO sink(name, kind, target, start_seq, cursor_seq, created_us)
                SELECT ?1, ?2, ?3, s, s, ?5 FROM (SELECT CASE WHEN ?4 THEN 0 ELSE COALESCE((SELECT MAX(seq) FROM event), 0) END AS s) WHERE true
                ON CONFLICT(name) DO UPDATE SET target=excluded.target, retired_us=NULL
                """, sink.Name, sink.Kind, sink.Target, sink.FromStart, now);
        }

        foreach (var name in db.Query("SELECT name FROM sink WHERE retired_us IS NULL", r => r.Text(0)).Where(n => !sinks.Any(s => s.Name == n)))
        {
            db.Execute("UPDATE sink SET retired_us=?2 WHERE name=?1", name, now);
        }
    });

    /// <summary>Where a sink stands.</summary>
    public SinkPosition Position(string name) => ledger.Read(db =>
        db.First("SELECT start_seq, cursor_seq, tries FROM sink WHERE name=?1", r => new SinkPosition(r.Number(0), r.Number(1), r.Number(2)), name));

    /// <summary>Everything up to an event is told.</summary>
    public void Advance(string name, long cursor, int sent) => ledger.Write(db => db.Execute("""
        UPDATE sink SET cursor_seq=?2, sent_count=sent_count+?3, sent_us=CASE WHEN ?3>0 THEN ?4 ELSE sent_us END, tries=0, next_us=NULL, last_error=NULL WHERE name=?1
        """, name, cursor, sent, ledger.Time.Micros()));

    /// <summary>The message after the cursor did not arrive.</summary>
    public void Fail(string name, long cursor, int sent, long tries, TimeSpan wait, string error) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        db.Execute("""
            UPDATE sink SET cursor_seq=?2, sent_count=sent_count+?3, sent_us=CASE WHEN ?3>0 THEN ?4 ELSE sent_us END, tries=?5, next_us=?6, last_error=?7, failed_us=?4 WHERE name=?1
            """, name, cursor, sent, now, tries, now + (long)wait.TotalMicroseconds, error);
    });

    /// <summary>A message its receiver refuses is passed over, on record.</summary>
    public void Skip(string name, long cursor, int sent, OutsideMessage message, long tries, string error) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        db.Execute("INSERT INTO sink_skip(sink, seq, dedupe_key, ts_us, tries, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING", name, message.Seq, message.Key, now, tries, error);
        db.Execute("UPDATE sink SET cursor_seq=?2, sent_count=sent_count+?3, skip_count=skip_count+1, tries=0, next_us=NULL, last_error=?4, failed_us=?5 WHERE name=?1",
            name, cursor, sent, $"Passed over {message.Key} after {tries} tries: {error}", now);
    });
}
