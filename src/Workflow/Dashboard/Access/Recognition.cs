namespace Workflow.Dashboard.Access;

/// <summary>What is known of who asks.</summary>
/// <param name="Visitor">Who, or null where nobody is known.</param>
/// <param name="Still">Whether it would still be answered the same.</param>
/// <param name="Status">0, or the status with which the request is refused whatever it asks for.</param>
/// <param name="Message">Why it is refused.</param>
sealed record Recognition(Visitor? Visitor, Func<bool> Still, int Status = 0, string Message = "")
{
    /// <summary>Nobody that is known.</summary>
    public static Recognition Nobody { get; } = new(null, () => true);

    /// <summary>A request that is refused.</summary>
    public static Recognition Refused(int status, string message) => new(null, () => true, status, message);
}
