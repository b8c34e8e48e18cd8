namespace Workflow.Outside.Health;

/// <summary>A check and what it found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ok">Whether it passed.</param>
/// <param name="Detail">What was found, for people.</param>
public sealed record HealthCheck(string Name, bool Ok, string Detail);

/// <summary>The checks of one question; it is answered well where all passed.</summary>
/// <param name="Checks">The checks.</param>
public sealed record HealthReport(IReadOnlyList<HealthCheck> Checks)
{
    /// <summary>All passed.</summary>
    public bool Ok => Checks.All(c => c.Ok);
}
