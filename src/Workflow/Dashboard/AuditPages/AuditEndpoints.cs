namespace Workflow.Dashboard.AuditPages;

/// <summary>Who did what, and why.</summary>
static class AuditEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/audit", (HttpRequest request) =>
        {
            var (actions, actors) = context.Ledger.Read(db => (AuditQueries.Actions(db), AuditQueries.Actors(db)));
            return DashboardEndpoints.Page<AuditPage>(new { Live = Read(context, AuditFilter.Of(request)), Actions = actions, Actors = actors });
        });
        app.MapGet("/live/audit", (HttpContext http) => LiveStream.WriteAsync<AuditLive>(http, context, () => Read(context, AuditFilter.Of(http.Request))));
        app.MapGet("/audit.csv", (HttpContext http) => AuditCsv.WriteAsync(http, context, AuditFilter.Of(http.Request)));
    }

    static Dictionary<string, object?> Read(DashboardContext context, AuditFilter filter)
    {
        var (rows, next) = context.Ledger.Read(db => AuditQueries.Page(db, filter));
        return new() { [nameof(AuditLive.Rows)] = rows, [nameof(AuditLive.Next)] = next, [nameof(AuditLive.Filter)] = filter };
    }
}
