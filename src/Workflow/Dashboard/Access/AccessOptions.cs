using System.Net;

namespace Workflow.Dashboard.Access;

/// <summary>Who may come in, and how they are known.</summary>
public sealed record AccessOptions
{
    /// <summary>Whether people sign in although the dashboard listens on loopback; beyond loopback they always do.</summary>
    public bool SignIn { get; init; }

    /// <summary>Networks whose proxies are believed: their forwarded addresses count and, where <see cref="IdentityHeader"/> is set, whom they name.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Header in which a trusted proxy names the visitor; null where none does.</summary>
    public string? IdentityHeader { get; init; }

    /// <summary>Header in which a trusted proxy tells the visitor's role: viewer, operator or admin, or several with commas between; null where none does.</summary>
    public string? RoleHeader { get; init; }

    /// <summary>Roles of people that a proxy names; <c>*</c> is everyone else, without it they are viewers. Not asked where <see cref="RoleHeader"/> is set.</summary>
    public IReadOnlyDictionary<string, Role> RoleOf { get; init; } = new Dictionary<string, Role>();

    /// <summary>Path under which a proxy serves this dashboard, as in <c>/workflow</c>; empty at the root.</summary>
    public string PathBase { get; init; } = "";

    /// <summary>File with the certificate and those that vouch for it, in PEM; null serves http.</summary>
    public string? Certificate { get; init; }

    /// <summary>File with the certificate's private key, in PEM; null where it is in <see cref="Certificate"/>.</summary>
    public string? Key { get; init; }

    /// <summary>Attempts to sign in that are taken from one address within <see cref="SignInWindow"/>.</summary>
    public int SignInsPerAddress { get; init; } = 30;

    /// <summary>Attempts to sign in that are taken for one name within <see cref="SignInWindow"/>.</summary>
    public int SignInsPerName { get; init; } = 10;

    /// <summary>Time in which attempts to sign in are counted.</summary>
    public TimeSpan SignInWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a session lasts without a request.</summary>
    public TimeSpan SessionLength { get; init; } = TimeSpan.FromHours(8);

    /// <summary>How often an open live stream asks whether its visitor may still look.</summary>
    public TimeSpan StreamCheck { get; init; } = TimeSpan.FromSeconds(5);
}
