using System.Globalization;
using System.Text.Json;

namespace Workflow.Tests.Dashboard;

/// <summary>
/// Holds a value against a schema of an OpenAPI 3.1 document: the words that the document uses ($ref, type, properties, required, additionalProperties, items, oneOf, format date-time), and nothing that it does not name:
/// a key that the schema does not tell of is a fault, and so is a word of the schema that this check does not know.
/// </summary>
sealed class JsonSchemaCheck(JsonElement document)
{
    static readonly HashSet<string> words = ["$ref", "type", "properties", "required", "additionalProperties", "items", "oneOf", "format", "description", "default"];

    /// <summary>What is wrong, each with its place; empty where all fits.</summary>
    public List<string> Faults(JsonElement schema, JsonElement value)
    {
        var faults = new List<string>();
        Check(schema, value, "$", faults);
        return faults;
    }

    void Check(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.TrimStart('#', '/').Split('/').Aggregate(document, (node, step) => node.GetProperty(step));
        }

        faults.AddRange(schema.EnumerateObject().Where(w => !words.Contains(w.Name)).Select(w => $"{at}: the check does not know '{w.Name}'"));
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            var fits = choices.EnumerateArray().Count(c =>
            {
                var inner = new List<string>();
                Check(c, value, at, inner);
                return inner.Count == 0;
            });

            // A value of any kind is a choice beside null, so that null fits both.
            if (fits == 0)
            {
                faults.Add($"{at}: fits no choice");
            }

            return;
        }

        if (schema.TryGetProperty("type", out var type))
        {
            string[] allowed = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];
            if (!allowed.Any(t => Is(t, value)))
            {
                faults.Add($"{at}: found {value.ValueKind}, expected {string.Join(" or ", allowed)}");
                return;
            }
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Object(schema, value, at, faults);
                break;
            case JsonValueKind.Array when schema.TryGetProperty("items", out var items):
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    Check(items, item, $"{at}[{index++}]", faults);
                }

                break;
            case JsonValueKind.String when schema.TryGetProperty("format", out var format) && format.GetString() == "date-time":
                if (!DateTimeOffset.TryParseExact(value.GetString(), "yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
                {
                    faults.Add($"{at}: '{value}' is no time");
                }

                break;
        }
    }

    void Object(JsonElement schema, JsonElement value, string at, List<string> faults)
    {
        var properties = schema.TryGetProperty("properties", out var named) ? named : default;
        var others = schema.TryGetProperty("additionalProperties", out var any) ? any : default;
        if (schema.TryGetProperty("required", out var required))
        {
            faults.AddRange(required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{at}: lacks {r}"));
        }

        foreach (var property in value.EnumerateObject())
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out var inner))
            {
                Check(inner, property.Value, $"{at}.{property.Name}", faults);
            }
            else if (others.ValueKind == JsonValueKind.Object)
            {
                Check(others, property.Value, $"{at}.{property.Name}", faults);
            }
            else if (properties.ValueKind == JsonValueKind.Object)
            {
                faults.Add($"{at}: the schema does not tell of '{property.Name}'");
            }
        }
    }

    static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
