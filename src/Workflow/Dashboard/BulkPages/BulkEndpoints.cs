using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.BulkPages;

/// <summary>
/// Acts on all that a filter finds, or that was ticked. A list leads here by a form (or a link, for what is not ticked) to <c>/bulk/preview</c> with these fields; one that is empty or missing does not filter:
/// <list type="bullet">
/// <item><c>kind</c>: <c>node</c> (also where it is missing) or <c>run</c>.</item>
/// <item><c>act</c> (or <c>action</c>): for nodes <c>requeue</c>, <c>enqueue</c>, <c>delete</c>; for runs <c>resume</c>, <c>cancel</c>.</item>
/// <item><c>id</c>: a ticked row, repeated: a run's id, or <c>RUN/NODE</c>; 1,000 at most. Where there is one, nothing else filters.</item>
/// <item><c>state</c> (or <c>states</c>): a state as the ledger names it; repeated, or several with commas.</item>
/// <item><c>queue</c>, <c>job</c>, <c>stage</c>, <c>run</c>: exactly that slot class, job, stage, full id of a run.</item>
/// <item><c>error</c>: a part of the error. <c>q</c>: for runs a part of the job's name, the id or who asked. <c>older</c>: an age such as <c>7d</c>.</item>
/// <item><c>back</c>: local address of the list.</item>
/// </list>
/// It shows how many there are and the first of them, asks for a reason and posts to <c>/bulk</c>, which answers with the page of the bulk act.
/// </summary>
static class BulkEndpoints
{
    const int Shown = 20;
    const int LargestForm = 512 * 1024;

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/bulk", (HttpRequest request) => DashboardEndpoints.Page<BulkListPage>(new { Live = List(context, Paging.Of(request)) }));
        app.MapGet("/live/bulk", (HttpContext http) => LiveStream.WriteAsync<BulkListLive>(http, context, () => List(context, Paging.Of(http.Request))));
        app.MapGet("/bulk/preview", (Delegate)((HttpContext http) => PreviewAsync(context, http, n => http.Request.Query[n]))).Needs(Role.Operator);

        // It only shows: nothing is done before the form of the preview comes with its token.
        app.MapPost("/bulk/preview", (Delegate)(async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync(new FormOptions { ValueCountLimit = 6000 }, http.RequestAborted);
            return await PreviewAsync(context, http, n => form[n]);
        })).Needs(Role.Operator).DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(LargestForm));
        app.MapGet("/bulk/{id}", (string id, string? did) => One(context, id) is { } live
            ? DashboardEndpoints.Page<BulkPage>(new { Live = live, Did = did ?? "" })
            : DashboardEndpoints.NotFound("bulk act", id, "/bulk", "All bulk acts"));
        app.MapGet("/live/bulk/{id}", (HttpContext http, string id) => LiveStream.WriteAsync<BulkLive>(http, context, () => One(context, id)));
        Acts.Post(app, context, "/bulk", Role.Operator, async act =>
        {
            var query = BulkQuery.Of(n => act.Form[n]);
            return $"/bulk/{await Actions(context).StartAsync(query.Filter, query.Act, act.Visitor.Name, act.Reason, act.Cancelled)}";
        });
        Acts.Post(app, context, "/bulk/{id}/stop", Role.Operator, async act =>
        {
            await Actions(context).StopAsync(act.Route("id"), act.Visitor.Name, act.Reason, act.Cancelled);
            return $"/bulk/{Uri.EscapeDataString(act.Route("id"))}?did=stop";
        });
    }

    static IBulkActions Actions(DashboardContext context) => context.Acts.Bulk ?? throw new WorkflowException("This dashboard only shows: it takes no acts on many.");

    static async Task<IResult> PreviewAsync(DashboardContext context, HttpContext http, Func<string, IEnumerable<string?>> values)
    {
        try
        {
            var query = BulkQuery.Of(values);
            var preview = await Actions(context).PreviewAsync(query.Filter, query.Act, Shown, http.RequestAborted);
            return DashboardEndpoints.Page<BulkPreviewPage>(new { Query = query, Preview = preview });
        }
        catch (WorkflowException fault)
        {
            return DashboardEndpoints.Message("Nothing to act on", fault.Message, "/bulk", "Bulk acts", StatusCodes.Status409Conflict);
        }
    }

    static Dictionary<string, object?> List(DashboardContext context, Paging paging) => context.Ledger.Read(db =>
    {
        var rows = BulkRow.Page(db, Cursor.Read(paging.After, "nt") is [long created, string id] ? (created, id) : null, paging.Size + 1);
        var next = rows.Count > paging.Size ? rows[paging.Size - 1] : null;
        return new Dictionary<string, object?>
        {
            [nameof(BulkListLive.Rows)] = rows.Take(paging.Size).ToList(),
            [nameof(BulkListLive.Next)] = next is null ? null : Cursor.Of(Ledger.LedgerTime.Micros(next.Created), next.Id),
            [nameof(BulkListLive.Paging)] = paging,
        };
    });

    static Dictionary<string, object?>? One(DashboardContext context, string id) => context.Ledger.Read(db => BulkRow.Find(db, id) is { } row
        ? new Dictionary<string, object?> { [nameof(BulkLive.Row)] = row, [nameof(BulkLive.Refused)] = BulkRow.Refused(db, id, 50) }
        : null);
}
