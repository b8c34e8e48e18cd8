using System.ComponentModel;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.Api;

/// <summary>Reads of nodes over all runs, in the lists that Hangfire's users know as jobs.</summary>
static class JobApi
{
    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        var ledger = api.Context.Ledger;
        api.Get("Jobs", "/nodes", "Stages and partitions of all runs by what they wait for, or how they ended", (
            [Description("enqueued, processing, retries, succeeded, failed, deleted or awaiting")] string state,
            [Description("Only of this queue: cpu or gpu; enqueued ones are always of one, cpu unless given")] string? queue,
            [Description("`next` of the page before")] string? after, [Description("Rows at most, 1 to 1,000; 50 unless given")] int? limit) =>
        {
            if (!NodeLists.States.Contains(state))
            {
                throw ApiFault.Unfit($"state: found '{state}'; expected {string.Join(", ", NodeLists.States)}.");
            }

            var (cursor, size) = (ApiCursor.Read(after, NodeLists.CursorTypes(state)), ApiCursor.Limit(limit, 50, 1000));
            var (rows, next) = ledger.Read(db => NodeLists.Page(db, state, queue, cursor, size));
            return new Listing<NodeItem>(rows, next is null ? null : Cursor.Of(next));
        });
    }
}
