using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>Rows of what became of nominal times.</summary>
static class TickRows
{
    /// <summary>So many nominal times decided at once are listed one by one; of more, the oldest are one row with their count.</summary>
    public const int Listed = 10_000;

    const string Insert = """
        INSERT INTO schedule_tick(schedule_key, kind, nominal_us, until_us, count, mark, outcome, run_id, reason, decided_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
        """;

    /// <summary>Writes one.</summary>
    public static void Add(LedgerConnection db, string key, string kind, DateTimeOffset nominal, string mark, string outcome, string? runId, string? reason, long now) =>
        db.Execute(Insert, key, kind, nominal.Micros(), null, 1, mark, outcome, runId, reason, now);

    /// <summary>Writes those of a cron expression that make no run, oldest first.</summary>
    public static void AddAll(LedgerConnection db, string key, IReadOnlyList<Intent> intents, long now)
    {
        var folded = Math.Max(0, intents.Count - Listed);
        for (var from = 0; from < folded;)
        {
            var to = from;
            while (to + 1 < folded && intents[to + 1].Outcome == intents[from].Outcome && intents[to + 1].Reason == intents[from].Reason)
            {
                to++;
            }

            db.Execute(Insert, key, "cron", intents[from].Nominal.Micros(), intents[to].Nominal.Micros(), to - from + 1, "", intents[from].Outcome, null, intents[from].Reason, now);
            from = to + 1;
        }

        for (var i = folded; i < intents.Count; i++)
        {
            Add(db, key, "cron", intents[i].Nominal, "", intents[i].Outcome, null, intents[i].Reason, now);
        }
    }
}
