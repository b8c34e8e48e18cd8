using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Workflow.Dashboard.Access;

/// <summary>Signing in and out.</summary>
sealed class SignInEndpoints(DashboardContext context, WhoAsks who, PasswordChecks checks)
{
    readonly AccessAudit audit = new(context.Paths, context.Options.Time);

    /// <summary>Maps them.</summary>
    public static void Map(WebApplication app, DashboardContext context, WhoAsks who, PasswordChecks checks)
    {
        var endpoints = new SignInEndpoints(context, who, checks);
        app.MapGet("/sign-in", endpoints.Show).AllowAnonymous();
        app.MapPost("/sign-in", (Delegate)endpoints.SignInAsync).AllowAnonymous().DisableAntiforgery();
        app.MapPost("/sign-out", (Delegate)endpoints.SignOutAsync).AllowAnonymous().DisableAntiforgery();
    }

    IResult Show(HttpContext http)
    {
        var page = LocalAddress.Of(http.Request.Query["return"]);
        return http.Features.Get<Visitor>() is null ? Page(page, "", "", StatusCodes.Status200OK) : Go(http, page);
    }

    async Task<IResult> SignInAsync(HttpContext http)
    {
        if (!await Ours(http))
        {
            return Page(null, "", "The page was too old to sign in from. Try again.", StatusCodes.Status400BadRequest);
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var (name, password, page) = (form["name"].ToString().Trim(), form["password"].ToString(), LocalAddress.Of(form["return"]));
        if (checks.Wait(http.Connection.RemoteIpAddress, name) is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString();
            return Page(page, name, $"Too many attempts. Wait {Format.Duration(TimeSpan.FromSeconds(seconds))} and try again.", StatusCodes.Status429TooManyRequests);
        }

        var account = who.Accounts.Find(name);
        if (!await checks.FitsAsync(account?.Password, password, http.RequestAborted) || account is null)
        {
            // The name of nobody is not written down: people type their password there by mistake.
            await AuditAsync(account?.Name ?? "nobody", "sign-in.failed", account?.Name ?? "(unknown name)", $"{(account is null ? "no such account" : "wrong password")}, from {http.Connection.RemoteIpAddress}");
            return Page(page, name, "Name or password is wrong.", StatusCodes.Status401Unauthorized);
        }

        await AuditAsync(account.Name, "sign-in", account.Name, $"from {http.Connection.RemoteIpAddress}");
        await SessionCookie.BeginAsync(http, account);
        return Go(http, page);
    }

    async Task<IResult> SignOutAsync(HttpContext http)
    {
        if (await Ours(http) && http.Features.Get<Visitor>() is { Way: "cookie" } visitor)
        {
            await AuditAsync(visitor.Name, "sign-out", visitor.Name, $"from {http.Connection.RemoteIpAddress}");
            await http.SignOutAsync(SessionCookie.Scheme);
        }

        return Go(http, "/sign-in");
    }

    Task AuditAsync(string actor, string action, string name, string reason) => Task.Run(() => audit.Add(actor, action, AccessAudit.Target(name), reason));

    static async Task<bool> Ours(HttpContext http) => http.Request.HasFormContentType && await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);

    static IResult Go(HttpContext http, string? page)
    {
        http.Response.Headers.Location = http.Request.PathBase + (page ?? "/");
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    static RazorComponentResult Page(string? page, string name, string fault, int status) => DashboardEndpoints.Page<SignInPage>(new { Return = page ?? "", Name = name, Fault = fault }, status);
}
