using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Workflow.Dashboard.Access;

/// <summary>Asks whether passwords fit, and how often that may be tried: from one address, and for one name.</summary>
sealed class PasswordChecks : IDisposable
{
    const int Segments = 5;
    readonly AccessOptions options;

    // A hash keeps a processor busy for a tenth of a second: a flood of attempts must leave some for the work.
    readonly SemaphoreSlim hashing = new(Math.Max(1, Environment.ProcessorCount / 2));
    readonly PartitionedRateLimiter<(string Address, string Name)> limiter;

    /// <summary>Counts as the options say.</summary>
    public PasswordChecks(AccessOptions options)
    {
        this.options = options;
        limiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<(string Address, string Name), string>(k => RateLimitPartition.GetSlidingWindowLimiter(k.Address, _ => Window(options.SignInsPerAddress))),
            PartitionedRateLimiter.Create<(string Address, string Name), string>(k => RateLimitPartition.GetSlidingWindowLimiter(k.Name, _ => Window(options.SignInsPerName))));
    }

    /// <summary>Counts an attempt.</summary>
    /// <returns>Seconds to wait where it is one too many; null where it is taken.</returns>
    public int? Wait(IPAddress? address, string name)
    {
        using var lease = limiter.AttemptAcquire((Network(address), name.Length > 64 ? name[..64].ToUpperInvariant() : name.ToUpperInvariant()));
        return lease.IsAcquired ? null : Math.Max(1, (int)Math.Ceiling((lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : options.SignInWindow / Segments).TotalSeconds));
    }

    /// <summary>Whether a password is the one that was hashed; as slow for a name that nobody has.</summary>
    public async Task<bool> FitsAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        await hashing.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Passwords.Fits(hash, password), cancellationToken);
        }
        finally
        {
            hashing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        limiter.Dispose();
        hashing.Dispose();
    }

    SlidingWindowRateLimiterOptions Window(int permits) => new() { PermitLimit = permits, Window = options.SignInWindow, SegmentsPerWindow = Segments, QueueLimit = 0 };

    // Who has one address of IPv6 has 2^64 of them.
    static string Network(IPAddress? address) => address switch
    {
        null => "",
        { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(),
    };
}
