using System.ComponentModel;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Schedules;

namespace Workflow.Dashboard.Api;

/// <summary>Schedules: reads and acts.</summary>
static class ScheduleApi
{
    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        const string tag = "Schedules";
        var (context, ledger) = (api.Context, api.Context.Ledger);
        var reads = new LedgerReads(context.Paths, context.Options.Time, ledger);

        api.Get(tag, "/schedules", "Schedules by key", ([Description("Also those that were withdrawn or removed")] bool? all, CancellationToken cancellationToken) => reads.SchedulesAsync(all ?? false, cancellationToken));
        api.Get(tag, "/schedules/find", "The schedule that a person means", (
            [Description("JOB/NAME, or JOB or NAME alone where only one schedule has it")] string name, [Description("Newest fire times to tell of, 0 to 1,000; 20 unless given")] int? ticks, CancellationToken cancellationToken) =>
            reads.ScheduleAsync(name, Ticks(ticks), cancellationToken));
        api.Get(tag, "/schedules/{job}/{name}", "A schedule with what became of its newest fire times", (
            string job, string name, [Description("Newest fire times to tell of, 0 to 1,000; 20 unless given")] int? ticks, CancellationToken cancellationToken) => reads.ScheduleAsync(Key(ledger, job, name), Ticks(ticks), cancellationToken));
        api.Get(tag, "/schedules/{job}/{name}/next", "Its next fire times", (string job, string name, [Description("So many, 1 to 10,000; 10 unless given")] int? count, CancellationToken cancellationToken) =>
            reads.NextAsync(Key(ledger, job, name), ApiCursor.Limit(count, 10, 10_000), cancellationToken));
        api.Get(tag, "/schedules/{job}/{name}/ticks", "What became of its fire times, newest first", (
            string job, string name, [Description("Only those that made no run")] bool? lost, [Description("`next` of the page before")] string? after, [Description("Rows at most, 1 to 1,000; 100 unless given")] int? limit) =>
        {
            var (key, cursor, size) = (Key(ledger, job, name), ApiCursor.Read(after, "n"), ApiCursor.Limit(limit, 100, 1000));
            var rows = ledger.Read(db => TickLists.Page(db, key, lost ?? false, cursor is [long id] ? id : long.MaxValue, size + 1));
            return new Listing<TickItem>([.. rows.Take(size).Select(r => r.Tick)], rows.Count > size ? Shell.Cursor.Of(rows[size - 1].Id) : null);
        });

        Act<PauseBody>(api, "pause", "Stops it from firing, for good or until a time; a reason must be given", (s, key, actor, body) => s.PauseAsync(key, actor, body.Reason ?? "", body.Until, CancellationToken.None), b => b.Reason);
        Act<ActBody>(api, "resume", "Lets it fire again, from now on", (s, key, actor, body) => s.ResumeAsync(key, actor, body.Reason ?? "", CancellationToken.None), b => b.Reason);
        Act<ActBody>(api, "remove", "Withdraws it; its history stays, and one of a served job file comes back with the file", (s, key, actor, body) => s.RemoveAsync(key, actor, body.Reason ?? "", CancellationToken.None), b => b.Reason);
        api.Post<ActBody, AskedRun>(tag, "/schedules/{job}/{name}/trigger", "Makes a run now, paused or not", async (http, body, actor) =>
        {
            var after = Position(ledger);
            return new AskedRun(await ApiRoutes.Given(context.Options.Schedules).TriggerAsync(Key(ledger, http), actor, body.Reason ?? "", http.RequestAborted), after);
        }, b => b.Reason, status: StatusCodes.Status202Accepted);
        api.Post<BackfillBody, BackfillAnswer>(tag, "/schedules/{job}/{name}/backfill", "Makes one run per nominal time of a range; repeated, only what is missing", async (http, body, actor) =>
        {
            var row = ledger.Read(db => ScheduleRows.Find(db, Key(ledger, http)))!;
            var (from, to) = (Time("from", body.From, row), Time("to", body.To, row));
            if (body.DryRun)
            {
                return new BackfillAnswer(null, [.. BackfillTimes.Of(ledger, row.Key, from, to)]);
            }

            if (body.Parallel is < 1 or > 1000)
            {
                throw ApiFault.Unfit($"parallel: found {body.Parallel}; expected 1 to 1000.");
            }

            var id = await ApiRoutes.Given(context.Options.Schedules).BackfillAsync(row.Key, from, to, body.Parallel, actor, body.Reason ?? "", http.RequestAborted);
            var made = ledger.Read(db => ScheduleQueries.Backfills(db, row.Key)).Find(b => b.Backfill.Id == id);
            return new BackfillAnswer(ScheduleItems.Of(made.Backfill, made.Made, made.Open), null);
        }, b => b.Reason);
    }

    static DateTimeOffset Time(string field, string text, ScheduleRow row) =>
        ZonedTime.Parse(text, ZoneClock.Of(row.Zone)) ?? throw ApiFault.Unfit($"{field}: found '{text}'; expected {ZonedTime.Expected}.");

    /// <summary>The newest position of the history.</summary>
    public static long Position(LedgerDb ledger) => ledger.Read(db => db.Number("SELECT COALESCE(MAX(seq), 0) FROM event"));

    static void Act<TBody>(ApiRoutes api, string name, string summary, Func<IScheduleActions, string, string, TBody, Task> act, Func<TBody, string?> reason) where TBody : class =>
        api.Post<TBody, ScheduleItem>("Schedules", $"/schedules/{{job}}/{{name}}/{name}", summary, async (http, body, actor) =>
        {
            var key = Key(api.Context.Ledger, http);
            await act(ApiRoutes.Given(api.Context.Options.Schedules), key, actor, body);
            return ScheduleItems.Of(api.Context.Ledger.Read(db => ScheduleQueries.Schedules(db, true)).Find(s => s.Row.Key == key)!);
        }, reason);

    static int Ticks(int? given) => given is 0 ? 0 : ApiCursor.Limit(given, 20, 1000);

    static string Key(LedgerDb ledger, HttpContext http) => Key(ledger, (string)http.GetRouteValue("job")!, (string)http.GetRouteValue("name")!);

    static string Key(LedgerDb ledger, string job, string name) => ledger.Read(db => ScheduleRows.Find(db, $"{job}/{name}")) is { Withdrawn: null } row ? row.Key
        : throw ApiFault.Nothing($"No schedule '{job}/{name}' in this home.");
}
