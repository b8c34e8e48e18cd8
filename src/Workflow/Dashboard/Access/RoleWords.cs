namespace Workflow.Dashboard.Access;

/// <summary>Roles as people write them: viewer, operator, admin.</summary>
static class RoleWords
{
    /// <summary>All of them, the least first.</summary>
    public static IReadOnlyList<string> All { get; } = ["viewer", "operator", "admin"];

    /// <summary>The word of a role.</summary>
    public static string Word(this Role role) => All[(int)role];

    /// <summary>The role of a word, or null.</summary>
    public static Role? Read(string? word) => All.Index().Where(w => string.Equals(w.Item, word?.Trim(), StringComparison.OrdinalIgnoreCase)).Select(w => (Role?)(Role)w.Index).FirstOrDefault();

    /// <summary>The role of a word.</summary>
    /// <exception cref="WorkflowException">It is none.</exception>
    public static Role Require(string? word) => Read(word) ?? throw new WorkflowException($"Found role '{word}'; expected viewer, operator or admin.", exitCode: 2);
}
