using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Pages of data sets: what stages publish under a name, run after run.</summary>
static class DataSetEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var db = context.Ledger;
        app.MapGet("/datasets", (HttpContext http, string? q, string? kind) =>
        {
            var paging = Paging.Of(http.Request);
            var (rows, kinds) = db.Read(x => (DataSetQueries.Page(x, (q ?? "").Trim(), kind ?? "", paging), DataSetQueries.Kinds(x)));
            return DashboardEndpoints.Page<DataSetsPage>(new { Rows = rows, Kinds = kinds, Text = (q ?? "").Trim(), Kind = kind ?? "", Paging = paging });
        });
        app.MapGet("/datasets/{**name}", (HttpContext http, string name, string? schema) => DataSetAsync(http, context, name, schema is not null));
        app.MapGet("/parts/schemas/{**name}", (HttpContext http, string name) => SchemasAsync(http, context, name));
    }

    static async Task<IResult> DataSetAsync(HttpContext http, DashboardContext context, string name, bool schemas)
    {
        var paging = Paging.Of(http.Request);
        var found = context.Ledger.Read(x => DataSetQueries.One(x, name) is { } one ? (One: one, Versions: DataSetQueries.Versions(x, name, paging), Growth: DataSetQueries.Growth(x, name)) : default);
        if (found.One is null)
        {
            return DashboardEndpoints.NotFound("data set", name, "/datasets", "All data");
        }

        return DashboardEndpoints.Page<DataSetPage>(new
        {
            DataSet = found.One,
            Versions = found.Versions,
            Growth = (IReadOnlyList<(long, long?, long)>)found.Growth,
            Paging = paging,
            Schemas = schemas ? await SchemaChanges.ReadAsync(context, found.Versions, http.RequestAborted) : null,
        });
    }

    static async Task<IResult> SchemasAsync(HttpContext http, DashboardContext context, string name)
    {
        var versions = context.Ledger.Read(x => DataSetQueries.Versions(x, name, Paging.Of(http.Request)));
        return DashboardEndpoints.Page<SchemaTable>(new { Schemas = await SchemaChanges.ReadAsync(context, versions, http.RequestAborted) });
    }
}
