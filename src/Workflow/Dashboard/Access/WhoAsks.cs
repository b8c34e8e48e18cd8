using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;

namespace Workflow.Dashboard.Access;

/// <summary>Knows the visitor of a request: by the header of a trusted proxy, by token, by session, or, where the dashboard is open to this machine alone, as its user.</summary>
/// <param name="options">Who may come in.</param>
/// <param name="open">Whether everyone who reaches the dashboard is an admin.</param>
/// <param name="accounts">The accounts.</param>
sealed class WhoAsks(AccessOptions options, bool open, AccountStore accounts)
{
    const int LongestName = 200;
    const string Bearer = "Bearer ";

    /// <summary>Whether everyone who reaches the dashboard is an admin: it listens on loopback and nothing else was asked for.</summary>
    public bool Open => open;

    /// <summary>The accounts.</summary>
    public AccountStore Accounts => accounts;

    /// <summary>Knows the visitor.</summary>
    public async Task<Recognition> KnowAsync(HttpContext http)
    {
        if (options.IdentityHeader is { } header && http.Request.Headers.TryGetValue(header, out var names))
        {
            return OfHeader(http, header, names);
        }

        // What a proxy asked for itself, as Basic, is passed on by some: it says nothing here.
        if (http.Request.Headers.Authorization.ToString() is { } authorization && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return OfToken(authorization[Bearer.Length..].Trim());
        }

        if (open)
        {
            return new Recognition(new Visitor(Environment.UserName, Role.Admin, "loopback"), () => true);
        }

        return await OfSessionAsync(http);
    }

    Recognition OfToken(string token) => accounts.OfToken(token) is { } account
        ? new Recognition(new Visitor(account.Name, account.Role, "token"), () => accounts.OfToken(token)?.Role == account.Role)
        : Recognition.Refused(StatusCodes.Status401Unauthorized, "This token is unknown, expired or revoked. `workflow account token NAME` makes another, as does the page Accounts.");

    Recognition OfHeader(HttpContext http, string header, Microsoft.Extensions.Primitives.StringValues names)
    {
        http.Request.Headers.Remove(header);
        if (http.Features.Get<Peer>() is not { Trusted: true })
        {
            return Recognition.Refused(StatusCodes.Status403Forbidden, $"The header {header} counts from the trusted proxy alone, and this request did not come from it.");
        }

        // Two of them may arrive as one with a comma.
        if (names is not [{ Length: > 0 and <= LongestName } name] || name.Any(c => char.IsControl(c) || c == ','))
        {
            return Recognition.Refused(StatusCodes.Status403Forbidden, $"The proxy must name one visitor in {header}, {LongestName} characters at most and no comma.");
        }

        var role = options.RoleHeader is { } told ? RoleTold(http.Request.Headers[told].ToString()) : options.RoleOf.TryGetValue(name, out var given) || options.RoleOf.TryGetValue("*", out given) ? given : Role.Viewer;
        if (role is null)
        {
            return Recognition.Refused(StatusCodes.Status403Forbidden, $"The proxy told no role in {options.RoleHeader}; expected viewer, operator or admin.");
        }

        http.User = Principal($"header:{name}", name, "");
        return new Recognition(new Visitor(name, role.Value, "header"), () => true);
    }

    // Groups come as a list: the highest that is a role counts.
    static Role? RoleTold(string text) => text.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries).Select(RoleWords.Read).Max();

    async Task<Recognition> OfSessionAsync(HttpContext http)
    {
        var session = await http.AuthenticateAsync(SessionCookie.Scheme);
        if (session is not { Succeeded: true, Principal: { } principal })
        {
            return Recognition.Nobody;
        }

        var (id, stamp) = (principal.FindFirstValue(ClaimTypes.NameIdentifier), principal.FindFirstValue(SessionCookie.Stamp));
        if (accounts.OfSession(id, stamp) is not { } account)
        {
            await http.SignOutAsync(SessionCookie.Scheme);
            return Recognition.Nobody;
        }

        http.User = principal;
        return new Recognition(new Visitor(account.Name, account.Role, "cookie"), () => accounts.OfSession(id, stamp)?.Role == account.Role);
    }

    /// <summary>A principal as sessions and form tokens are bound to.</summary>
    public static ClaimsPrincipal Principal(string id, string name, string stamp) =>
        new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, id), new(ClaimTypes.Name, name), new(SessionCookie.Stamp, stamp)], SessionCookie.Scheme));
}
