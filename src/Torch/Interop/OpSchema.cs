using System.Text.RegularExpressions;

namespace TorchSharp.Interop;

/// <summary>
/// A parsed ATen schema: enough of it to tell whether a call written for one libtorch means the same in another.
/// Aliasing marks and the text of defaults are dropped, SymInt is int; arguments keep their order, names and types.
/// </summary>
sealed partial record OpSchema(string Text, string Name, string Overload, IReadOnlyList<OpArgument> Arguments, string Returns)
{
    public string FullName => Overload.Length == 0 ? Name : $"{Name}.{Overload}";

    public static OpSchema Parse(string text)
    {
        var open = text.IndexOf('(');
        var arrow = text.LastIndexOf(" -> ", StringComparison.Ordinal);
        if (open < 0 || arrow < open)
        {
            throw new FormatException($"'{text}' is not an operator schema: expected name.overload(arguments) -> results.");
        }
        var full = text[..open];
        var dot = full.IndexOf('.');
        var inside = Alias().Replace(text[(open + 1)..text.LastIndexOf(')', arrow)], "");
        var arguments = new List<OpArgument>();
        foreach (var part in inside.Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "*")
            {
                continue;
            }
            var equals = part.IndexOf('=');
            var head = equals < 0 ? part : part[..equals];
            var space = head.LastIndexOf(' ');
            arguments.Add(new OpArgument(Plain(head[..space]), head[(space + 1)..], equals >= 0));
        }
        return new OpSchema(text, dot < 0 ? full : full[..dot], dot < 0 ? "" : full[(dot + 1)..], arguments, Results(text[(arrow + 4)..]));
    }

    /// <summary>
    /// What makes a call written for this schema wrong for <paramref name="other"/>, or null. A later libtorch may add arguments with
    /// defaults and may accept None where it was refused.
    /// </summary>
    public string? DifferenceFrom(OpSchema other)
    {
        for (var k = 0; k < Arguments.Count; k++)
        {
            if (k >= other.Arguments.Count)
            {
                return $"argument '{Arguments[k].Name}' is gone";
            }
            var (mine, its) = (Arguments[k], other.Arguments[k]);
            if (mine.Name != its.Name || (mine.Type != its.Type && mine.Type + "?" != its.Type))
            {
                return $"argument {k} is '{its.Type} {its.Name}', not '{mine.Type} {mine.Name}'";
            }
            if (mine.HasDefault && !its.HasDefault)
            {
                return $"argument '{mine.Name}' lost its default";
            }
        }
        foreach (var extra in other.Arguments.Skip(Arguments.Count))
        {
            if (!extra.HasDefault)
            {
                return $"argument '{extra.Type} {extra.Name}' is new and required";
            }
        }
        return Returns == other.Returns ? null : $"it returns {other.Returns}, not {Returns}";
    }

    // Names of results come and go between releases; their number and types do not.
    static string Results(string text)
    {
        var parts = Alias().Replace(text, "").Trim('(', ')').Split(", ", StringSplitOptions.RemoveEmptyEntries);
        return "(" + string.Join(", ", parts.Select(p => Plain(p.Split(' ')[0]))) + ")";
    }

    static string Plain(string type) => type.Replace("SymInt", "int", StringComparison.Ordinal).Replace("ScalarType", "int", StringComparison.Ordinal);

    [GeneratedRegex(@"\([a-z*][^()]*\)")]
    internal static partial Regex Alias();
}

/// <summary>One argument of a schema: type without alias marks, name, and whether it may be left out.</summary>
sealed record OpArgument(string Type, string Name, bool HasDefault);
