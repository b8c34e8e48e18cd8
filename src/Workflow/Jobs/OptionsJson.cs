using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Workflow.Jobs;

/// <summary>Options as canonical JSON: keys sorted, defaults included, numbers in their shortest round-trip form. Equal options give equal text.</summary>
public static class OptionsJson
{
    internal static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    enum Part
    {
        All,
        Semantic,
        Operational,
    }

    /// <summary>Every option.</summary>
    public static string All(object options) => Text(options, Part.All);

    /// <summary>The options that decide what is published: all but those marked [Operational] or [FilePath], at any depth.</summary>
    public static string Semantic(object options) => Text(options, Part.Semantic);

    /// <summary>The others.</summary>
    public static string Operational(object options) => Text(options, Part.Operational);

    /// <summary>A record of <paramref name="type"/> from what <see cref="All"/> wrote.</summary>
    /// <exception cref="WorkflowException">The JSON does not fit the type.</exception>
    public static object Read(string json, Type type)
    {
        var faults = new FaultList();
        using var document = JsonDocument.Parse(json);
        var mark = new NodeMark("stored options", 1, 1);
        var options = new OptionsBinder(faults, new AllowedPaths("/", "/", [])).Record(JobNode.FromJson(document.RootElement, mark), mark, "", type);
        return faults.Count == 0 ? options : throw new WorkflowException($"Stored options do not fit {type.Name}:{string.Concat(faults.InOrder().Select(f => "\n  " + f))}");
    }

    static string Text(object options, Part part) => Record(options, part).ToJsonString(Format);

    static JsonObject Record(object record, Part part)
    {
        var json = new JsonObject();
        foreach (var member in OptionMember.Of(record.GetType()).OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            var type = member.Property.PropertyType;
            if ((part == Part.Semantic && member.Operational) || (part == Part.Operational && !member.Operational && !OptionType.HasOperational(type)))
            {
                continue;
            }

            json[member.Key] = Value(member.Property.GetValue(record), member.Operational ? Part.All : part);
        }

        return json;
    }

    static JsonNode? Value(object? value, Part part)
    {
        switch (value)
        {
            case null:
                return null;
            case bool flag:
                return flag;
            case int number:
                return number;
            case long number:
                return number;
            case float number:
                return number == 0 ? 0 : number; // -0 equals 0
            case double number:
                return number == 0 ? 0 : number;
            case string text:
                return text;
            case TimeSpan span:
                return Durations.Format(span);
            case Enum name:
                return Names.Snake(name.ToString());
            case IDictionary map:
                return new JsonObject(map.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => KeyValuePair.Create(k, Value(map[k], part))));
            case IEnumerable items:
                return new JsonArray([.. items.Cast<object?>().Select(i => Value(i, part))]);
            default:
                return Record(value, part);
        }
    }
}
