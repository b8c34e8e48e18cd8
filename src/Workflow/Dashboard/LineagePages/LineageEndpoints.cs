using Workflow.Dashboard.Access;
using Workflow.Dashboard.Shell;
using Workflow.Lineage;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Pages of artifacts, of what they were made from, and of data sets.</summary>
static class LineageEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/artifacts/{id}", async (HttpContext http, string id, string? file, int? from, long? members) => await ArtifactAsync(http, context, id, file, from ?? 0, members ?? 0));
        app.MapGet("/artifacts/{id}/uses", (HttpContext http, string id, string? dir) => Uses(http, context, id, dir == "out" ? "out" : "in"));
        app.MapGet("/artifacts/{id}/row", async (HttpContext http, string id, string? file, long? row) => await RowAsync(http, context, id, file ?? "", row ?? 0));
        app.MapGet("/artifacts/{id}/report", (HttpContext http, string id) => Report(http, context, id));
        app.MapGet("/lineage", (string? q) => Find(context, q ?? ""));
        app.MapGet("/lineage/{id}", (HttpContext http, string id) => Lineage(http, context, id));
        app.MapGet("/lineage/{id}/{format}", (string id, string format, string? dir) => LineageFiles.Download(context, id, format, dir != "down"));
        DataSetEndpoints.Map(app, context);
    }

    static async Task<IResult> ArtifactAsync(HttpContext http, DashboardContext context, string id, string? file, int from, long members)
    {
        var model = context.Ledger.Read(x => ArtifactPageQueries.Artifact(x, ArtifactQueries.Resolve(x, id) ?? id, members));
        if (model is null)
        {
            return NoArtifact(id);
        }

        var named = file is null ? null : context.Ledger.Read(x => ArtifactQueries.Member(x, model.Artifact.Id, file));
        var member = named ?? model.Members.FirstOrDefault(m => m.Rows is not null) ?? model.Members.FirstOrDefault(TextSample.Fits);
        var sample = member is null ? MemberSample.None : await MemberSample.ReadAsync(context, model.Artifact.Kind, member, Math.Clamp(from, 0, MemberSample.Furthest), http.RequestAborted);
        var (graph, runs) = Graph(context, LineageQuery.Of(http.Request, model.Artifact.Id) with { Depth = 2, Most = 24 });
        return DashboardEndpoints.Page<ArtifactPage>(new { Model = model, Graph = graph!, Runs = runs, Sample = sample });
    }

    static IResult Lineage(HttpContext http, DashboardContext context, string id)
    {
        var full = context.Ledger.Read(x => ArtifactQueries.Resolve(x, id)) ?? id;
        var (graph, runs) = Graph(context, LineageQuery.Of(http.Request, full));
        return graph is null ? NoArtifact(id) : DashboardEndpoints.Page<LineagePage>(new { Graph = graph, Runs = runs });
    }

    static (FoldedLineage? Graph, IReadOnlyList<RunChoice> Runs) Graph(DashboardContext context, LineageQuestion question) =>
        context.Ledger.Read(x => (FoldedWalk.Walk(x, question), (IReadOnlyList<RunChoice>)ArtifactPageQueries.Runs(x, question.Artifact)));

    static IResult Find(DashboardContext context, string text)
    {
        var wanted = text.Trim();
        var found = wanted.Length == 0 ? null : context.Ledger.Read(x => ArtifactQueries.Resolve(x, wanted) ?? DataSetQueries.One(x, wanted)?.ArtifactId);
        return found is null ? DashboardEndpoints.Page<LineageFindPage>(new { Text = wanted, Newest = context.Ledger.Read(x => ArtifactPageQueries.Newest(x)) }) : Results.Redirect(Places.Lineage(found));
    }

    static IResult Uses(HttpContext http, DashboardContext context, string id, string dir)
    {
        var paging = Paging.Of(http.Request);
        var full = context.Ledger.Read(x => ArtifactQueries.Resolve(x, id));
        return full is null ? NoArtifact(id)
            : DashboardEndpoints.Page<UsesPage>(new { ArtifactId = full, Dir = dir, Paging = paging, Rows = context.Ledger.Read(x => ArtifactQueries.Uses(x, full, dir, Cursor.Read(paging.After, "t") is [string after] ? after : null, paging.Size + 1)) });
    }

    static async Task<IResult> RowAsync(HttpContext http, DashboardContext context, string id, string file, long row)
    {
        var artifact = context.Ledger.Read(x => ArtifactPageQueries.Artifact(x, ArtifactQueries.Resolve(x, id) ?? id, 0));
        var member = artifact is null ? null : context.Ledger.Read(x => ArtifactQueries.Member(x, artifact.Artifact.Id, file));
        if (artifact is null || member is null || row < 0)
        {
            return artifact is null ? NoArtifact(id) : DashboardEndpoints.NotFound("file in this artifact", file, Shell.Address.Artifact(artifact.Artifact.Id), "The artifact");
        }

        var trace = await new RowTracer(context).TraceAsync(artifact.Artifact, member, row, http.RequestAborted);
        return DashboardEndpoints.Page<RowPage>(new { Artifact = artifact.Artifact, File = member.Name, Trace = trace, Rows = member.Rows });
    }

    static IResult NoArtifact(string id) => DashboardEndpoints.NotFound("artifact", id, "/datasets", "All data");

    static IResult Report(HttpContext http, DashboardContext context, string id)
    {
        var model = context.Ledger.Read(x => ArtifactQueries.Artifact(x, id));
        var member = model?.Members.FirstOrDefault(m => m.Name.EndsWith(".html", StringComparison.Ordinal));
        if (model is not { Artifact.Kind: "report" } || member is null || !File.Exists(context.Paths.Blob(member.Hash)))
        {
            return DashboardEndpoints.NotFound("report", id, "/runs", "All runs");
        }

        http.Response.Headers.ContentSecurityPolicy = SecurityHeaders.Report;
        return Results.File(context.Paths.Blob(member.Hash), "text/html; charset=utf-8");
    }
}
