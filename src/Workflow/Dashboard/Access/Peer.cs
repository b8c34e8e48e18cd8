using System.Net;

namespace Workflow.Dashboard.Access;

/// <summary>The machine at the other end of the connection, before any forwarded address is believed.</summary>
/// <param name="Trusted">Whether it is a trusted proxy.</param>
sealed record Peer(bool Trusted)
{
    /// <summary>Whether an address is inside one of the networks; an IPv4 address told in IPv6 is what it stands for.</summary>
    public static bool Inside(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return plain is not null && networks.Any(n => n.Contains(plain));
    }
}
