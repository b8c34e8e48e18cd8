using System.Text.Json.Nodes;
using Workflow.Schedules;

namespace Workflow.Jobs;

/// <summary>The JSON Schema of <c>schedules:</c> and <c>datasets:</c>.</summary>
static class ScheduleSchema
{
    public static JsonObject Datasets() => new()
    {
        ["type"] = "object",
        ["description"] = "Data sets by name: a run that commits the slot makes a new version where it differs from the newest.",
        ["additionalProperties"] = new JsonObject { ["type"] = "string", ["description"] = "stage.slot" },
    };

    public static JsonObject Schedules() => new()
    {
        ["type"] = "object",
        ["description"] = "Schedules by name: when the job runs by itself.",
        ["additionalProperties"] = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["oneOf"] = new JsonArray(new JsonObject { ["required"] = new JsonArray("cron") }, new JsonObject { ["required"] = new JsonArray("on") }),
            ["properties"] = new JsonObject
            {
                ["cron"] = Text("Minute, hour, day of month, month, day of week: '30 2 * * MON-FRI'; or @daily and its kin."),
                ["on"] = new JsonObject
                {
                    ["type"] = "object",
                    ["additionalProperties"] = false,
                    ["required"] = new JsonArray("dataset"),
                    ["properties"] = new JsonObject { ["dataset"] = Text("Run when this data set has a new version.") },
                },
                ["zone"] = Text("IANA time zone of the cron expression: Europe/Berlin.", "UTC"),
                ["misfire"] = Choice<Misfire>("What becomes of fire times that were missed; of a data set's versions, all by default.", "once"),
                ["overlap"] = Choice<Overlap>("What becomes of a fire time while a run of this schedule has not ended.", "skip"),
                ["jitter"] = new JsonObject { ["$ref"] = "#/$defs/duration", ["description"] = "Each fire time is rung up to so much later." },
                ["start"] = Text("No fire time before: 2026-01-31, 2026-01-31 02:30 in the zone, or 2026-01-31T02:30Z."),
                ["end"] = Text("No fire time from here on."),
                ["paused"] = Text("Why it is paused; left out where it is not."),
                ["priority"] = new JsonObject { ["type"] = "integer", ["description"] = "Priority of its runs; the job's where left out." },
                ["set"] = new JsonObject { ["type"] = "object", ["description"] = "Parameters or paths of the job and their values, as --set gives them." },
            },
        },
    };

    static JsonObject Text(string description, string? fallback = null)
    {
        var json = new JsonObject { ["type"] = "string", ["description"] = description };
        if (fallback is not null)
        {
            json["default"] = fallback;
        }

        return json;
    }

    static JsonObject Choice<T>(string description, string fallback) where T : struct, Enum => new()
    {
        ["enum"] = new JsonArray([.. Enum.GetNames<T>().Select(n => (JsonNode)Names.Snake(n).Replace('_', '-'))]),
        ["description"] = description,
        ["default"] = fallback,
    };
}
