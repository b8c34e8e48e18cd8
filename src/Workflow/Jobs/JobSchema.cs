using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Workflow.Stages;

namespace Workflow.Jobs;

/// <summary>The JSON Schema (draft 2020-12) of job files, by which editors complete and check them; made from the options records.</summary>
public sealed class JobSchema
{
    static readonly JsonSerializerOptions indented = new(OptionsJson.Format) { WriteIndented = true, NewLine = "\n" };

    readonly XmlDocs docs = new();

    // Shapes of records by what they hold, so that each stands in the schema once.
    readonly SortedDictionary<string, JsonObject> records = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    JobSchema()
    {
    }

    /// <summary>The schema of jobs over these stages, as indented JSON that ends in a line feed.</summary>
    public static string Generate(StageTable table) => new JobSchema().Job(table).ToJsonString(indented) + "\n";

    JsonObject Job(StageTable table)
    {
        var stages = new JsonArray([.. table.All.Select(s => new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["uses"] = new JsonObject { ["const"] = s.Name } }, ["required"] = new JsonArray("uses") },
            ["then"] = new JsonObject { ["$ref"] = $"#/$defs/{s.Name}" },
        })]);
        var defs = new JsonObject
        {
            ["parameter"] = new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{[A-Za-z]", ["description"] = "A parameter of the job: ${name}." },
            ["duration"] = new JsonObject { ["type"] = "string", ["pattern"] = @"^(([0-9]+(d|h|ms|m|s))+|[0-9.]+:[0-9:.]+)$", ["description"] = "30s, 5m, 1h30m." },
            ["reference"] = new JsonObject { ["type"] = "string", ["description"] = "An earlier stage, or stage.slot; for an optional model, slot:NAME: what a named slot holds." },
            ["stage"] = Stage(table),
        };
        foreach (var stage in table.All)
        {
            defs[stage.Name] = StageOf(stage);
        }

        foreach (var (name, record) in records)
        {
            defs.Add(name, record);
        }

        if (stages.Count > 0)
        {
            defs["stage"]!["allOf"] = stages;
        }

        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Workflow job",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray("job", "stages"),
            ["properties"] = new JsonObject
            {
                ["job"] = Text("Name of the pipeline."),
                ["description"] = Text("One sentence for people."),
                ["seed"] = new JsonObject { ["type"] = "integer", ["default"] = 17, ["description"] = "Seed that every seeded choice derives from." },
                ["threads"] = new JsonObject { ["type"] = "integer", ["default"] = 2, ["minimum"] = 1, ["maximum"] = 1024, ["description"] = "Threads of native libraries and parallel loops." },
                ["priority"] = new JsonObject { ["type"] = "integer", ["default"] = 0, ["minimum"] = -1000, ["maximum"] = 1000, ["description"] = "Higher goes first among the runs of a home; one step counts as much as having waited ten minutes longer." },
                ["parameters"] = Parameters(),
                ["datasets"] = ScheduleSchema.Datasets(),
                ["schedules"] = ScheduleSchema.Schedules(),
                ["stages"] = new JsonObject
                {
                    ["type"] = "object",
                    ["minProperties"] = 1,
                    ["description"] = "Stages by name; a stage reads only earlier ones.",
                    ["additionalProperties"] = new JsonObject { ["$ref"] = "#/$defs/stage" },
                },
            },
            ["$defs"] = defs,
        };
    }

    static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    static JsonObject Parameters() => new()
    {
        ["type"] = "object",
        ["description"] = "What --set name=value may replace and ${name} stands for.",
        ["additionalProperties"] = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = new JsonObject
            {
                ["description"] = Text("What it is for."),
                ["default"] = new JsonObject { ["description"] = "Its value where none is given." },
                ["required"] = new JsonObject { ["const"] = true, ["description"] = "Must be given with --set." },
            },
        },
    };

    JsonObject Stage(StageTable table) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("uses"),
        ["properties"] = new JsonObject
        {
            ["uses"] = table.Names.Count == 0 ? new JsonObject { ["type"] = "string" } : new JsonObject { ["enum"] = new JsonArray([.. table.Names.Select(n => (JsonNode)n)]) },
            ["with"] = new JsonObject { ["type"] = "object", ["description"] = "Options of the stage." },
            ["from"] = new JsonObject { ["type"] = "object", ["description"] = "Inputs by slot." },
            ["max_tries"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = 100, ["description"] = "Tries of all classes together before it fails." },
            ["retry"] = Record(typeof(RetryPolicy)),
            ["timeout"] = new JsonObject { ["$ref"] = "#/$defs/duration", ["description"] = "Wall-clock limit of one attempt." },
            ["stall"] = new JsonObject { ["$ref"] = "#/$defs/duration", ["description"] = "An attempt that says nothing for so long is stopped and tried again." },
        },
    };

    JsonObject StageOf(IStage stage)
    {
        var slots = new JsonObject();
        foreach (var slot in stage.Inputs)
        {
            var reference = new JsonObject { ["$ref"] = "#/$defs/reference" };
            var shape = slot.Many ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "array", ["items"] = reference.DeepClone() }) } : reference;
            shape["description"] = $"An artifact of kind {string.Join(" or ", slot.Kinds)}{(slot.Optional ? "; may be left out" : "")}.";
            slots[slot.Name] = shape;
        }

        var from = new JsonObject { ["additionalProperties"] = false, ["properties"] = slots };
        Require(from, stage.Inputs.Where(s => !s.Optional).Select(s => s.Name));
        var body = new JsonObject { ["properties"] = new JsonObject { ["with"] = Record(stage.OptionsType), ["from"] = from } };
        if (docs.Of(stage.GetType()) is { } description)
        {
            body["description"] = description;
        }

        Require(body, [.. OptionMember.Of(stage.OptionsType).Any(m => m.Required) ? ["with"] : Array.Empty<string>(), .. stage.Inputs.Any(s => !s.Optional) ? ["from"] : Array.Empty<string>()]);
        return body;
    }

    static void Require(JsonObject json, IEnumerable<string> names)
    {
        var array = new JsonArray([.. names.Select(n => (JsonNode)n)]);
        if (array.Count > 0)
        {
            json["required"] = array;
        }
    }

    JsonObject Record(Type type, object? defaults = null)
    {
        var properties = new JsonObject();
        var values = JsonNode.Parse(OptionsJson.All(defaults ?? OptionMember.Create(type)))!;
        foreach (var member in OptionMember.Of(type))
        {
            var current = member.Property.GetValue(defaults ?? OptionMember.Create(type));
            var shape = Value(OptionType.Bare(member.Property.PropertyType), member, current);
            if (docs.Of(member) is { } description)
            {
                shape["description"] = description;
            }

            if (!member.Required && values[member.Key] is { } value and not JsonObject)
            {
                shape["default"] = value.DeepClone();
            }

            properties[member.Key] = member.Nullable ? Nullable(shape) : shape;
        }

        var record = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        Require(record, OptionMember.Of(type).Where(m => m.Required).Select(m => m.Key));
        return record;
    }

    JsonObject Value(Type type, OptionMember member, object? current)
    {
        if (OptionType.IsScalar(type))
        {
            return Scalar(type, member);
        }

        if (OptionType.ElementOf(type) is { } element)
        {
            return new JsonObject { ["type"] = "array", ["items"] = Value(OptionType.Bare(element), member, null) };
        }

        return OptionType.ValueOf(type) is { } inner
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Value(OptionType.Bare(inner), member, null) }
            : Reference(type, current);
    }

    JsonObject Reference(Type type, object? current)
    {
        var record = Record(type, current);
        var text = record.ToJsonString();
        if (!names.TryGetValue(text, out var name))
        {
            // The same record with other defaults is another shape.
            name = Names.Snake(type.Name);
            name = Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? name : $"{name}_{n}").First(n => !records.ContainsKey(n));
            (names[text], records[name]) = (name, record);
        }

        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    static JsonObject Scalar(Type type, OptionMember member)
    {
        if (type == typeof(string))
        {
            return member.Checks.OfType<AllowedValuesAttribute>().FirstOrDefault() is { } allowed
                ? OrParameter(new JsonObject { ["enum"] = new JsonArray([.. allowed.Values.Where(v => v is not null).Select(v => (JsonNode)v!.ToString()!)]) })
                : new JsonObject { ["type"] = "string" };
        }

        if (type.IsEnum)
        {
            return OrParameter(new JsonObject { ["enum"] = new JsonArray([.. OptionType.EnumNames(type).Select(n => (JsonNode)n)]) });
        }

        if (type == typeof(TimeSpan))
        {
            return OrParameter(new JsonObject { ["$ref"] = "#/$defs/duration" });
        }

        var json = new JsonObject { ["type"] = type == typeof(bool) ? "boolean" : type == typeof(int) || type == typeof(long) ? "integer" : "number" };
        if (member.Checks.OfType<RangeAttribute>().FirstOrDefault() is { } range && range.OperandType != typeof(TimeSpan))
        {
            Bound(json, range.MinimumIsExclusive ? "exclusiveMinimum" : "minimum", Convert.ToDouble(range.Minimum), int.MinValue);
            Bound(json, range.MaximumIsExclusive ? "exclusiveMaximum" : "maximum", Convert.ToDouble(range.Maximum), int.MaxValue);
        }

        return OrParameter(json);
    }

    static void Bound(JsonObject json, string key, double bound, double none)
    {
        if (double.IsFinite(bound) && Math.Abs(bound) < 1e300 && bound != none)
        {
            json[key] = bound;
        }
    }

    static JsonObject OrParameter(JsonObject json) => new() { ["anyOf"] = new JsonArray(json, new JsonObject { ["$ref"] = "#/$defs/parameter" }) };

    static JsonObject Nullable(JsonObject json)
    {
        var (description, fallback) = (json["description"], json["default"]);
        json.Remove("description");
        json.Remove("default");
        var result = new JsonObject { ["anyOf"] = new JsonArray(json, new JsonObject { ["type"] = "null" }) };
        if (description is not null)
        {
            result["description"] = description;
        }

        if (fallback is not null)
        {
            result["default"] = fallback;
        }

        return result;
    }
}
