namespace Workflow.Dashboard.Access;

/// <summary>Knows who asks, and lets past only who may: on loopback everyone on this machine is an admin.</summary>
static class AccessGate
{
    /// <summary>Adds the gate; routing has happened, endpoints have not.</summary>
    public static void Use(WebApplication app) => app.Use(async (http, next) =>
    {
        var visitor = new Visitor("dashboard", Role.Admin, "loopback");
        http.Features.Set(visitor);
        if (!visitor.May(http.GetEndpoint()?.Metadata.GetMetadata<RoleNeeded>()?.Role ?? Role.Viewer))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        await next(http);
    });
}
