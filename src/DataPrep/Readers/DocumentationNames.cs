namespace DataPrep.Readers;

/// <summary>
/// Readable names of documentation ids ("M:System.Collections.Generic.Dictionary`2.TryGetValue(`0,`1@)"), the way people write them:
/// <list type="bullet">
/// <item>types without namespace and arity: Dictionary; nested ones with their outer type: Dictionary.Enumerator;</item>
/// <item>members behind their type: Dictionary.TryGetValue, Dictionary.Item (an indexer), String.Length;</item>
/// <item>constructors: "List constructor", "List static constructor"; operators: "Decimal.Addition operator";</item>
/// <item>explicit interface implementations: Comparer.IComparer.Compare; namespaces in full.</item>
/// </list>
/// </summary>
/// <param name="types">Full names of the types of the file ("System.Collections.Generic.Dictionary`2"): they tell where a namespace ends and a nested type begins.
/// A type that is not among them begins at its first segment with an arity, else at its last segment.</param>
sealed class DocumentationNames(IReadOnlySet<string> types)
{
    readonly Dictionary<string, string> shortNames = new(StringComparer.Ordinal);

    /// <summary>The readable name.</summary>
    internal string Readable(string id)
    {
        var (kind, name) = Split(id);
        switch (kind)
        {
            case "N" or "!":
                return name;
            case "T":
                return Short(name);
            case "":
                return types.Contains(name) ? Short(name) : Dot(name) is var dot && dot > 0 && types.Contains(name[..dot]) ? Member(name) : name[(dot + 1)..];
            default:
                return Member(name);
        }
    }

    /// <summary>Full name of the declaring type; of a type its own, of a namespace its own.</summary>
    internal static string DeclaringType(string id)
    {
        var (kind, name) = Split(id);
        return kind is "M" or "P" or "F" or "E" && Dot(name) is var dot && dot > 0 ? name[..dot] : name;
    }

    static (string Kind, string Name) Split(string id)
    {
        var colon = id.IndexOf(':', StringComparison.Ordinal);
        var kind = colon < 0 ? "" : id[..colon];
        var name = colon < 0 ? id : id[(colon + 1)..];
        var parameters = name.IndexOf('(', StringComparison.Ordinal);
        name = parameters < 0 ? name : name[..parameters];
        var returns = name.IndexOf('~', StringComparison.Ordinal);
        return (kind, returns < 0 ? name : name[..returns]);
    }

    // The last dot outside of {type arguments}.
    static int Dot(string name)
    {
        var depth = 0;
        for (var i = name.Length - 1; i >= 0; i--)
        {
            depth += name[i] switch { '}' or '>' => 1, '{' or '<' => -1, _ => 0 };
            if (name[i] == '.' && depth == 0)
            {
                return i;
            }
        }

        return -1;
    }

    string Member(string name)
    {
        var dot = Dot(name);
        if (dot < 0)
        {
            return Plain(name);
        }

        var type = Short(name[..dot]);
        var member = name[(dot + 1)..];
        return member switch
        {
            "#ctor" => type + " constructor",
            "#cctor" => type + " static constructor",
            _ when member.StartsWith("op_", StringComparison.Ordinal) => $"{type}.{member[3..]} operator",
            _ when member.Contains('#', StringComparison.Ordinal) => $"{type}.{Explicit(member)}",
            _ => $"{type}.{Plain(member)}",
        };
    }

    // System#Collections#Generic#ICollection{System#Int32}#Add is ICollection.Add; some files write the type arguments in angle brackets.
    static string Explicit(string member)
    {
        var parts = new List<string>();
        var (depth, from) = (0, 0);
        for (var i = 0; i <= member.Length; i++)
        {
            if (i == member.Length || (member[i] == '#' && depth == 0))
            {
                parts.Add(Plain(member[from..i]));
                from = i + 1;
            }
            else
            {
                depth += member[i] switch { '{' or '<' => 1, '}' or '>' => -1, _ => 0 };
            }
        }

        return string.Join('.', parts.TakeLast(2));
    }

    string Short(string type)
    {
        if (shortNames.TryGetValue(type, out var known))
        {
            return known;
        }

        var bare = WithoutArguments(type);
        var segments = bare.Split('.');
        var first = segments.Length - 1;
        for (int i = 0, length = 0; i < segments.Length; i++)
        {
            length += segments[i].Length + (i > 0 ? 1 : 0);
            if (segments[i].Contains('`', StringComparison.Ordinal) || types.Contains(bare[..length]))
            {
                first = i;
                break;
            }
        }

        return shortNames[type] = string.Join('.', segments.Skip(first).Select(Plain));
    }

    static string Plain(string segment)
    {
        var cut = segment.AsSpan().IndexOfAny('`', '{', '<');
        return cut < 0 ? segment : segment[..cut];
    }

    static string WithoutArguments(string type)
    {
        var open = type.IndexOf('{', StringComparison.Ordinal);
        return open < 0 ? type : type[..open] + (type.LastIndexOf('}') is var close && close > open ? type[(close + 1)..] : "");
    }
}
