using System.Threading.RateLimiting;

namespace Workflow.Dashboard.Api;

/// <summary>How fast one actor may act: a script that goes wild is slowed before it fills the audit.</summary>
sealed class ApiPace
{
    /// <summary>Acts at once.</summary>
    public const int Burst = 60;

    readonly PartitionedRateLimiter<string> limiter = PartitionedRateLimiter.Create<string, string>(actor => RateLimitPartition.GetTokenBucketLimiter(actor, _ => new TokenBucketRateLimiterOptions
    {
        TokenLimit = Burst,
        TokensPerPeriod = 2,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    }));

    /// <summary>Lets one act past.</summary>
    /// <exception cref="ApiFault">There were too many of late.</exception>
    public void Take(HttpContext http, string actor)
    {
        using var lease = limiter.AttemptAcquire(actor);
        if (!lease.IsAcquired)
        {
            http.Response.Headers.RetryAfter = "1";
            throw new ApiFault(StatusCodes.Status429TooManyRequests, $"{actor} acts faster than two times a second, after {Burst} at once; wait a second. Many at once are one bulk act.");
        }
    }
}
