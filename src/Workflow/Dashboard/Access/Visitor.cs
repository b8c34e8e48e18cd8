namespace Workflow.Dashboard.Access;

/// <summary>Who asks, as every page, act and audit row knows them.</summary>
/// <param name="Name">Name for the audit.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Way">How they were known: <c>loopback</c>, <c>cookie</c>, <c>header</c> or <c>token</c>.</param>
public sealed record Visitor(string Name, Role Role, string Way)
{
    /// <summary>The visitor of a request. The gate has let nobody past it without one.</summary>
    /// <exception cref="InvalidOperationException">The request did not pass the gate.</exception>
    public static Visitor Of(HttpContext http) => http.Features.Get<Visitor>() ?? throw new InvalidOperationException("This request did not pass the gate.");

    /// <summary>Whether they may do what asks for a role.</summary>
    public bool May(Role role) => Role >= role;
}
