using Microsoft.AspNetCore.Authorization;

namespace Workflow.Dashboard.Access;

/// <summary>Knows who asks, and lets past only who may.</summary>
sealed class AccessGate(DashboardContext context, WhoAsks who)
{
    /// <summary>Adds the gate; routing has happened, endpoints have not.</summary>
    public static void Use(WebApplication app, DashboardContext context, WhoAsks who)
    {
        var gate = new AccessGate(context, who);
        app.Use(gate.PassAsync);
    }

    /// <summary>Whether a request is for a stream that stays open.</summary>
    public static bool IsStream(HttpContext http) => http.Request.Path.StartsWithSegments("/live", StringComparison.Ordinal) || http.Request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.Ordinal);

    async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        var known = await who.KnowAsync(http);
        var endpoint = http.GetEndpoint()?.Metadata;
        var forAll = endpoint?.GetMetadata<IAllowAnonymous>() is not null;
        if (known.Status != 0 && !(forAll && CrossSite.IsSafe(http.Request.Method)))
        {
            await Refusals.WriteAsync(http, known.Status, known.Status == StatusCodes.Status401Unauthorized ? "Not signed in" : "Not let in", known.Message);
        }
        else if (CrossSite.Refuses(http.Request))
        {
            await Refusals.WriteAsync(http, StatusCodes.Status403Forbidden, "Asked from elsewhere", "A page of another site sent this request. Open the page here and ask again.");
        }
        else if (known.Visitor is not { } visitor)
        {
            await (forAll ? next(http) : Refusals.SignInAsync(http));
        }
        else
        {
            http.Features.Set(visitor);
            await PassAsync(http, next, visitor, endpoint?.GetMetadata<RoleNeeded>()?.Role ?? Role.Viewer, forAll, known.Still);
        }
    }

    async Task PassAsync(HttpContext http, RequestDelegate next, Visitor visitor, Role needed, bool always, Func<bool> still)
    {
        if (!visitor.May(needed))
        {
            await Refusals.WriteAsync(http, StatusCodes.Status403Forbidden, "Not allowed", $"This needs the role {needed.Word()}, and {visitor.Name} has the role {visitor.Role.Word()}. An admin can change that on the page Accounts.");
        }
        else if (context.Options.ReadOnly && !always && !CrossSite.IsSafe(http.Request.Method))
        {
            await Refusals.WriteAsync(http, StatusCodes.Status403Forbidden, "Only for looking", "This dashboard only shows; acts are possible on the command line.");
        }
        else if (IsStream(http) && visitor.Way is "cookie" or "token")
        {
            await WatchedAsync(http, next, still);
        }
        else
        {
            await next(http);
        }
    }

    /// <summary>Ends a stream when its visitor may no longer look.</summary>
    async Task WatchedAsync(HttpContext http, RequestDelegate next, Func<bool> still)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        http.RequestAborted = ended.Token;
        using var timer = new PeriodicTimer(context.Options.Access.StreamCheck, context.Options.Time);
        var watch = WatchAsync(timer, still, ended);
        try
        {
            await next(http);
        }
        finally
        {
            timer.Dispose();
            await watch;
        }
    }

    static async Task WatchAsync(PeriodicTimer timer, Func<bool> still, CancellationTokenSource ended)
    {
        while (await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            if (!still())
            {
                await ended.CancelAsync();
                return;
            }
        }
    }
}
