using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>A bulk act as the ledger holds it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">node or run.</param>
/// <param name="Action">requeue, enqueue, delete, resume, cancel.</param>
/// <param name="Filter">What it is about.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Reason">Why.</param>
/// <param name="State">listing, acting, ended, stopped.</param>
/// <param name="Total">Targets listed.</param>
/// <param name="Done">Targets acted on.</param>
/// <param name="Failed">Targets whose act was refused.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Ended">When it ended, or null.</param>
public sealed record BulkRow(string Id, string Kind, string Action, BulkFilter Filter, string Actor, string Reason, string State, long Total, long Done, long Failed, DateTimeOffset Created, DateTimeOffset? Ended)
{
    const string Columns = "bulk_id, kind, action, filter_json, actor, reason, state, total, done, failed, created_us, ended_us";

    /// <summary>One, or null.</summary>
    public static BulkRow? Find(LedgerConnection db, string id) => db.First($"SELECT {Columns} FROM bulk_act WHERE bulk_id=?1", Map, id);

    /// <summary>Those that have not ended, oldest first.</summary>
    public static List<BulkRow> Open(LedgerConnection db) => db.Query($"SELECT {Columns} FROM bulk_act WHERE ended_us IS NULL ORDER BY created_us", Map);

    /// <summary>Bulk acts, newest first, behind one of them.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="before">The last one shown; null begins with the newest.</param>
    /// <param name="limit">So many at most.</param>
    public static List<BulkRow> Page(LedgerConnection db, (long Created, string Id)? before, int limit) => db.Query(
        $"SELECT {Columns} FROM bulk_act WHERE (created_us, bulk_id)<(?1, ?2) ORDER BY created_us DESC, bulk_id DESC LIMIT ?3", Map, before?.Created ?? long.MaxValue, before?.Id ?? "", limit);

    /// <summary>The first targets whose act was refused, with why.</summary>
    public static List<(string Run, string Node, string Error)> Refused(LedgerConnection db, string id, int limit) =>
        db.Query("SELECT run_id, node_id, error FROM bulk_item WHERE bulk_id=?1 AND error IS NOT NULL ORDER BY run_id, node_id LIMIT ?2", r => (r.Text(0), r.Text(1), r.Text(2)), id, limit);

    static BulkRow Map(Row r) => new(r.Text(0), r.Text(1), r.Text(2), JsonSerializer.Deserialize<BulkFilter>(r.Text(3))!, r.Text(4), r.Text(5), r.Text(6), r.Number(7), r.Number(8), r.Number(9),
        LedgerTime.FromMicros(r.Number(10)), r.TimeOrNull(11));
}
