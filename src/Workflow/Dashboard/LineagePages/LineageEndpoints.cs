using Workflow.Dashboard.Access;
using Workflow.Dashboard.Pages;
using Workflow.Dashboard.Queries;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Pages of artifacts and what they were made from.</summary>
static class LineageEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/artifacts/{id}", async (string id, string? dir, string? file, CancellationToken cancellationToken) => await ArtifactAsync(context, id, dir, file, cancellationToken));
        app.MapGet("/artifacts/{id}/report", (HttpContext http, string id) => Report(http, context, id));
    }

    static async Task<IResult> ArtifactAsync(DashboardContext context, string id, string? dir, string? file, CancellationToken cancellationToken)
    {
        var up = dir != "down";
        var model = context.Ledger.Read(x => ArtifactQueries.Artifact(x, ArtifactQueries.Resolve(x, id) ?? id));
        if (model is null)
        {
            return DashboardEndpoints.NotFound("artifact", id, "/runs", "All runs");
        }

        var member = model.Members.FirstOrDefault(m => m.Name == file) ?? model.Members.FirstOrDefault(m => m.Rows is not null);
        var sample = context.Samples is null || member is null ? null : await context.Samples.ReadAsync(model.Artifact.Kind, member, context.Paths.Blob(member.Hash), 20, cancellationToken);
        var graph = context.Ledger.Read(x => LineageQueries.Around(x, model.Artifact.Id, up));
        return DashboardEndpoints.Page<ArtifactPage>(new { Model = model, Graph = graph, Up = up, Sample = sample, SampleFile = member?.Name ?? "" });
    }

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
