namespace Workflow.Dashboard.Access;

/// <summary>Somebody who may sign in.</summary>
/// <param name="Id">Random; an account that is removed and added again is another one.</param>
/// <param name="Name">What they type and what the audit says.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Password">Hash of the password, in the format of ASP.NET Core Identity.</param>
/// <param name="Stamp">Changes with the password: sessions that carry another one have ended.</param>
/// <param name="Created">When it was added.</param>
/// <param name="Tokens">Tokens that act as this account.</param>
public sealed record Account(string Id, string Name, Role Role, string Password, string Stamp, DateTimeOffset Created, IReadOnlyList<ApiToken> Tokens)
{
    /// <summary>Whether a name is this account's; case does not matter.</summary>
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}
