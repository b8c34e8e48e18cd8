namespace Workflow.Dashboard.Access;

/// <summary>Addresses to come back to after signing in: pages of this dashboard alone.</summary>
static class LocalAddress
{
    /// <summary>The address, where it is a page here; else null. Browsers read <c>//host</c>, <c>/\host</c> and either with control characters inside as another site.</summary>
    public static string? Of(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && address.Length <= 2000 && !address.Any(c => char.IsControl(c) || c == '\\') && !address.StartsWith("/sign-", StringComparison.Ordinal) ? address : null;
}
