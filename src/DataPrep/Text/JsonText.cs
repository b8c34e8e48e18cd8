using System.Text.Json;

namespace DataPrep.Text;

/// <summary>Strings of JSON that have to be there.</summary>
static class JsonText
{
    /// <summary>The string.</summary>
    /// <exception cref="InvalidOperationException">The element is null or no string.</exception>
    public static string Text(this JsonElement element) => element.GetString() ?? throw new InvalidOperationException("a string is needed where null stands.");
}
