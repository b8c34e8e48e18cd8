namespace Workflow.Dashboard.Access;

/// <summary>What a visitor may do; each may do all that the ones before it may.</summary>
public enum Role
{
    /// <summary>Look at everything.</summary>
    Viewer,

    /// <summary>Act on runs, stages, queues and schedules.</summary>
    Operator,

    /// <summary>Manage accounts and what is kept.</summary>
    Admin,
}
