using System.Security.Cryptography;
using System.Text;

namespace Workflow.Outside.OpenLineage;

/// <summary>Ids made from names: UUID version 5 (RFC 9562, section 5.5), SHA-1 over a namespace's id and a name.</summary>
static class NameUuid
{
    /// <summary>The id of a name within a namespace.</summary>
    public static Guid Of(Guid ns, string name)
    {
        byte[] text = [.. ns.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)];
#pragma warning disable CA5350 // The standard's choice; the id guards nothing.
        var hash = SHA1.HashData(text)[..16];
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>The id of a run as others know it: its own where that is a UUID.</summary>
    public static Guid Run(string runId) => Guid.TryParse(runId, out var id) ? id : Of(Guid.Empty, runId);

    /// <summary>The id of an attempt: of its run, node and epoch.</summary>
    public static Guid Attempt(string runId, string nodeId, long epoch) => Of(Run(runId), $"{nodeId}/{epoch}");
}
