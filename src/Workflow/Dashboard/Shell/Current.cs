using Workflow.Dashboard.Access;

namespace Workflow.Dashboard.Shell;

/// <summary>The request that a component is rendered for, live parts included.</summary>
sealed class Current(IHttpContextAccessor accessor, DashboardContext context)
{
    /// <summary>The request.</summary>
    public HttpContext Http => accessor.HttpContext ?? throw new InvalidOperationException("There is no request.");

    /// <summary>Who looks.</summary>
    public Visitor Visitor => Visitor.Of(Http);

    /// <summary>Whether acts that ask for a role are shown: the visitor may do them, and this dashboard is not for looking only.</summary>
    public bool May(Role role) => !context.Options.ReadOnly && Visitor.May(role);
}
