using System.Text.RegularExpressions;

namespace Trainer.Training.Optimization;

/// <summary>A pattern over names of parameters, as <see cref="PartOptions.Match"/> says.</summary>
public sealed class ParameterPattern
{
    /// <summary>Most characters of a pattern.</summary>
    public const int MaxLength = 500;

    const int Shown = 5;

    readonly Regex _regex;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="TrainerException">It is too long, or a regular expression that cannot be read, or one that looks backwards.</exception>
    public ParameterPattern(string text)
    {
        Text = text.Length <= MaxLength ? text : throw new TrainerException($"The pattern '{text[..20]}…' has {text.Length} characters; expected at most {MaxLength}.");
        // Linear in the name's length whatever the job file says.
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        try
        {
            _regex = text.Length > 2 && text[0] == '/' && text[^1] == '/' ? new Regex(text[1..^1], Options)
                : text.AsSpan().IndexOfAny('*', '?') >= 0 ? new Regex($"^{Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}\\z", Options)
                : new Regex($"^{Regex.Escape(text)}(\\.|\\z)", Options);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new TrainerException($"The pattern '{text}' is not a regular expression that can be used here: {error.Message}", error);
        }
    }

    /// <summary>Why a text is no pattern; null where it is one.</summary>
    public static string? Fault(string text)
    {
        try
        {
            _ = new ParameterPattern(text);
            return null;
        }
        catch (TrainerException error)
        {
            return error.Message;
        }
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Whether it matches a name.</summary>
    public bool Matches(string name) => _regex.IsMatch(name);

    /// <summary>What to say where it matches none of the names.</summary>
    internal TrainerException MatchesNothing(string option, IReadOnlyCollection<string> names)
    {
        var bare = Text.Trim('/', '^', '$').Replace("*", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
        var nearest = names.OrderBy(n => EditsInside(bare, n)).ThenBy(n => n, StringComparer.Ordinal).Take(Shown);
        return new TrainerException($"{option}: '{Text}' matches none of the {names.Count} parameters. Nearest: {string.Join(", ", nearest)}. * stands for any characters; without it, a whole name or the beginning of one up to a dot is expected.");
    }

    /// <summary>Fewest edits (insert, remove, replace) that turn <paramref name="part"/> into some stretch of <paramref name="name"/> (Sellers 1980).</summary>
    internal static int EditsInside(string part, string name)
    {
        var edits = new int[name.Length + 1];
        for (var i = 0; i < part.Length; i++)
        {
            var diagonal = edits[0];
            edits[0] = i + 1;
            for (var j = 0; j < name.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(part[i]) == char.ToLowerInvariant(name[j]) ? 0 : 1);
                diagonal = edits[j + 1];
                edits[j + 1] = Math.Min(replaced, 1 + Math.Min(edits[j], edits[j + 1]));
            }
        }

        return edits.Min();
    }
}
