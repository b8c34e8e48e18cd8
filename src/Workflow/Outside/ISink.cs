namespace Workflow.Outside;

/// <summary>Where messages go.</summary>
interface ISink : IAsyncDisposable
{
    /// <summary>Most messages one call should be given.</summary>
    int Batch { get; }

    /// <summary>Delivers messages in order, up to the first that cannot be.</summary>
    /// <param name="messages">The messages, oldest first; at least one.</param>
    /// <param name="cancellationToken">Gives up; what was under way may or may not have arrived.</param>
    Task<Delivery> SendAsync(IReadOnlyList<OutsideMessage> messages, CancellationToken cancellationToken);
}

/// <summary>How far a delivery came.</summary>
/// <param name="Count">Messages that arrived for certain, from the first on.</param>
/// <param name="Fault">What stopped the next one; null where all arrived.</param>
readonly record struct Delivery(int Count, SinkFault? Fault);

/// <summary>Why a message did not arrive.</summary>
/// <param name="Message">For people; no secret.</param>
/// <param name="Refused">The receiver refused this very message: another like it may pass. Otherwise the receiver or the way to it is at fault, and nothing would pass.</param>
/// <param name="RetryAfter">How long the receiver asks to wait, or null.</param>
sealed record SinkFault(string Message, bool Refused = false, TimeSpan? RetryAfter = null);
