using Microsoft.AspNetCore.HttpOverrides;
using Workflow.Artifacts;

namespace Workflow.Dashboard.Access;

/// <summary>Decides before a dashboard listens who will be let in, and refuses to listen where everybody would.</summary>
static class AccessSetup
{
    static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <summary>Who will be let in.</summary>
    /// <exception cref="WorkflowException">The options do not fit together, or nobody could sign in.</exception>
    public static WhoAsks Decide(DashboardOptions options, DashboardAddress address, HomePaths paths)
    {
        var access = options.Access;
        var accounts = new AccountStore(paths, options.Time);
        RefuseContradictions(access, address);
        var open = address.Local && !access.SignIn && access.TrustedProxies.Count == 0;
        accounts.RequireOwnerOnly();
        if (!open && accounts.All.Count == 0 && access.IdentityHeader is null)
        {
            throw new WorkflowException($"The dashboard would be open at {options.Url}, and nobody could sign in: this home has no account. Add one: workflow account add NAME --role admin --home {paths.Root}\n"
                + "Or let a proxy say who asks: --trusted-proxy CIDR --identity-header NAME. Or stay on this machine, http://127.0.0.1:5080, and forward the port: "
                + $"ssh -L {address.Endpoint.Port}:127.0.0.1:{address.Endpoint.Port} THIS-MACHINE", exitCode: 2);
        }

        return new WhoAsks(access, open, accounts);
    }

    /// <summary>Tells the machine at the other end, and believes what a trusted proxy says of who is behind it. First of all that looks at a request.</summary>
    public static void Use(WebApplication app, AccessOptions access, bool open)
    {
        app.Use((http, next) =>
        {
            http.Features.Set(new Peer(Peer.Inside(access.TrustedProxies, http.Connection.RemoteIpAddress)));
            return open && Array.Find(Forwarded, http.Request.Headers.ContainsKey) is { } header ? RefuseProxyAsync(http, header) : next(http);
        });
        if (access.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = 1 };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in access.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }

            app.UseForwardedHeaders(forwarded);
        }
    }

    /// <summary>A proxy on this machine that nobody told of would make an admin of everyone behind it.</summary>
    static async Task RefuseProxyAsync(HttpContext http, string header)
    {
        http.Response.StatusCode = StatusCodes.Status403Forbidden;
        await http.Response.WriteAsync($"This request came through a proxy ({header}), and this dashboard takes everyone who reaches it for its machine's user. Serve it with --sign-in, or with --trusted-proxy and --identity-header.\n", http.RequestAborted);
    }

    static void RefuseContradictions(AccessOptions access, DashboardAddress address)
    {
        var fault = access switch
        {
            { IdentityHeader: not null, TrustedProxies.Count: 0 } => "--identity-header needs --trusted-proxy: a header counts only from an address that is trusted to set it.",
            { IdentityHeader: null, RoleHeader: not null } or { IdentityHeader: null, RoleOf.Count: > 0 } => "--role-header and --role-of need --identity-header: they say what those may do whom a proxy names.",
            { RoleHeader: not null, RoleOf.Count: > 0 } => "--role-header and --role-of both tell roles; expected one of them.",
            _ when access.TrustedProxies.Any(n => n.PrefixLength == 0) => "--trusted-proxy with a network of all addresses would trust everyone; expected the proxy's own, as in 10.0.0.7/32.",
            { Certificate: null } when address.Https => "An https address needs --certificate FILE and --key FILE (PEM).",
            { Certificate: not null } when !address.Https => "--certificate needs an https address, as in --url https://0.0.0.0:5443.",
            { Certificate: null, Key: not null } => "--key needs --certificate.",
            { PathBase.Length: > 0 } when access.PathBase[0] != '/' || access.PathBase.EndsWith('/') || access.PathBase.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('/' or '-' or '_' or '.' or '~')) || access.PathBase.Contains("//", StringComparison.Ordinal) =>
                $"--path-base '{access.PathBase}': expected a path like /workflow, of letters, digits, '-', '_', '.' and '~', without a slash at its end.",
            _ => null,
        };
        if (fault is not null)
        {
            throw new WorkflowException(fault, exitCode: 2);
        }
    }
}
