namespace Workflow.Dashboard.Access;

/// <summary>Signing in and out, accounts.</summary>
static class AccessEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        var who = app.Services.GetRequiredService<WhoAsks>();
        var checks = new PasswordChecks(context.Options.Access);
        app.Lifetime.ApplicationStopped.Register(checks.Dispose);
        SignInEndpoints.Map(app, context, who, checks);
        AccountEndpoints.Map(app, context, who, checks);
    }
}
