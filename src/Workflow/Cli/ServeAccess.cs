using System.CommandLine;
using System.Net;
using Workflow.Dashboard.Access;

namespace Workflow.Cli;

/// <summary>Options of <c>serve</c> that say who may come in.</summary>
sealed class ServeAccess
{
    readonly Option<bool> signIn = new("--sign-in") { Description = "Ask everyone to sign in, also on loopback; beyond loopback they always do" };
    readonly Option<string?> certificate = new("--certificate") { Description = "Certificate of an https address and those that vouch for it, PEM", HelpName = "FILE" };
    readonly Option<string?> key = new("--key") { Description = "Private key of the certificate, PEM", HelpName = "FILE" };
    readonly Option<string[]> proxies = new("--trusted-proxy") { Description = "Network of a proxy whose word counts, as in 10.0.0.7/32", HelpName = "CIDR", DefaultValueFactory = _ => [] };
    readonly Option<string?> identity = new("--identity-header") { Description = "Header in which the trusted proxy names the visitor, as in X-Forwarded-User", HelpName = "NAME" };
    readonly Option<string?> roleHeader = new("--role-header") { Description = "Header in which the trusted proxy tells the role: viewer, operator or admin", HelpName = "NAME" };
    readonly Option<string[]> roleOf = new("--role-of") { Description = "Role of somebody the proxy names, * for everyone else; without it they are viewers", HelpName = "NAME=ROLE", DefaultValueFactory = _ => [] };
    readonly Option<string> pathBase = new("--path-base") { Description = "Path under which a proxy serves the dashboard, as in /workflow", HelpName = "PATH", DefaultValueFactory = _ => "" };
    readonly Option<bool> readOnly = new("--read-only") { Description = "Show only: no act is offered or taken" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[signIn, certificate, key, proxies, identity, roleHeader, roleOf, pathBase, readOnly])
        {
            command.Add(option);
        }
    }

    /// <summary>Whether it is for looking only.</summary>
    public bool ReadOnly(ParseResult parse) => parse.GetValue(readOnly);

    /// <summary>Who may come in.</summary>
    /// <exception cref="WorkflowException">A network or role is none.</exception>
    public AccessOptions Of(CliContext context, ParseResult parse) => new()
    {
        SignIn = parse.GetValue(signIn),
        Certificate = parse.GetValue(certificate) is { } file ? context.PathOf(file) : null,
        Key = parse.GetValue(key) is { } keyFile ? context.PathOf(keyFile) : null,
        TrustedProxies = [.. parse.GetValue(proxies)!.Select(Network)],
        IdentityHeader = parse.GetValue(identity),
        RoleHeader = parse.GetValue(roleHeader),
        RoleOf = parse.GetValue(roleOf)!.Select(RoleGiven).GroupBy(r => r.Key, StringComparer.Ordinal).ToDictionary(r => r.Key, r => r.Last().Value, StringComparer.Ordinal),
        PathBase = parse.GetValue(pathBase)!,
    };

    static IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : throw new WorkflowException($"--trusted-proxy: found '{text}'; expected a network like 10.0.0.0/24 (its address without bits behind the prefix), or one address.", exitCode: 2);

    static KeyValuePair<string, Role> RoleGiven(string text) => text.LastIndexOf('=') is > 0 and var at
        ? new(text[..at], RoleWords.Require(text[(at + 1)..]))
        : throw new WorkflowException($"--role-of: found '{text}'; expected NAME=ROLE, as in anna=operator.", exitCode: 2);
}
