namespace Workflow.Dashboard.Access;

/// <summary>A token with which a program acts as an account. The token itself is shown once and stored nowhere.</summary>
/// <param name="Id">Its name in lists: the start of its hash.</param>
/// <param name="Sha256">Hash of the token, in hex.</param>
/// <param name="Note">What it is for.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it stops to count.</param>
public sealed record ApiToken(string Id, string Sha256, string Note, DateTimeOffset Created, DateTimeOffset Expires);
