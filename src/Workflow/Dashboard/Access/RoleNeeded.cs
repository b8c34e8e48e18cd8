namespace Workflow.Dashboard.Access;

/// <summary>The role that an endpoint asks for; an endpoint without it asks for <see cref="Role.Viewer"/>.</summary>
/// <param name="Role">The role.</param>
sealed record RoleNeeded(Role Role);

/// <summary>Says what an endpoint asks for.</summary>
static class RoleNeededExtensions
{
    /// <summary>Lets past only who may do what the role may.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, Role role) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoleNeeded(role));
}
