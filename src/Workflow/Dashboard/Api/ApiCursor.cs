using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.Api;

/// <summary>Where a list goes on, and how much of it is asked for.</summary>
static class ApiCursor
{
    /// <summary>Reads a cursor; null where none is given.</summary>
    /// <exception cref="ApiFault">It is not one of this list.</exception>
    public static object[]? Read(string? text, string types) => string.IsNullOrEmpty(text) ? null
        : Cursor.Read(text, types) ?? throw ApiFault.Unfit("The cursor is not one of this list: give what an answer of the same list has as 'next', as it stands.");

    /// <summary>Rows at most.</summary>
    /// <exception cref="ApiFault">It is out of range.</exception>
    public static int Limit(int? given, int standard, int most) => given is null ? standard : given is >= 1 && given <= most ? given.Value : throw ApiFault.Unfit($"limit: found {given}; expected 1 to {most}.");
}
