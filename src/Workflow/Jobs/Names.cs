using System.Text;

namespace Workflow.Jobs;

/// <summary>Spelling of names in job files.</summary>
static class Names
{
    /// <summary><c>MaxTries</c> to <c>max_tries</c>, <c>K1</c> to <c>k1</c>, <c>BM25Guide</c> to <c>bm25_guide</c>.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var afterLower = i > 0 && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1]));
            var beforeLower = i > 0 && char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1]);
            if (char.IsUpper(c) && (afterLower || beforeLower))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>Whether a job, stage or parameter may have this name: a letter, then letters, digits, '-' and '_', 64 at most.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>A path with one more step.</summary>
    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
