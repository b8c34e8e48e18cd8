using System.Text.Json;
using System.Text.Json.Nodes;

namespace Workflow.Jobs;

/// <summary>A checked job as canonical JSON, and back to nodes.</summary>
static class JobJson
{
    /// <summary>Keys sorted, defaults included, stages in declared order.</summary>
    public static string Write(JobSpec spec)
    {
        var stages = new JsonArray([.. spec.Stages.Select(stage => new JsonObject
        {
            ["from"] = new JsonObject(stage.From.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f =>
                KeyValuePair.Create(f.Key, (JsonNode?)new JsonArray([.. f.Value.Select(r => (JsonNode)$"{r.Stage}.{r.Slot}")])))),
            ["max_tries"] = stage.MaxTries,
            ["name"] = stage.Name,
            ["retry"] = JsonNode.Parse(OptionsJson.All(stage.Retry)),
            ["stall"] = stage.Stall is { } stall ? Durations.Format(stall) : null,
            ["timeout"] = stage.Timeout is { } timeout ? Durations.Format(timeout) : null,
            ["uses"] = stage.Stage.Name,
            ["with"] = JsonNode.Parse(OptionsJson.All(stage.Options)),
        })]);
        var job = new JsonObject
        {
            ["allowed_roots"] = new JsonArray([.. spec.AllowedRoots.Select(r => (JsonNode)r)]),
            ["description"] = spec.Description,
            ["job"] = spec.Name,
            ["priority"] = spec.Priority,
            ["root"] = spec.Root,
            ["seed"] = spec.Seed,
            ["stages"] = stages,
            ["threads"] = spec.Threads,
        };
        if (spec.Datasets.Count > 0)
        {
            job.Insert(1, "datasets", new JsonObject(spec.Datasets.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Key, (JsonNode?)$"{d.Value.Stage}.{d.Value.Slot}"))));
        }

        return job.ToJsonString(OptionsJson.Format);
    }

    /// <summary>The nodes of a job file that says the same, its root and its allowed roots.</summary>
    /// <exception cref="WorkflowException">The JSON is not a stored job.</exception>
    public static (JobMap Job, string Root, IReadOnlyList<string> Allowed) Read(JsonElement json, NodeMark mark)
    {
        try
        {
            var job = new JobMap(mark);
            foreach (var key in (string[])["job", "description", "seed", "threads", "priority"])
            {
                if (json.TryGetProperty(key, out var value) || key is "job")
                {
                    job.Set(Key(key), JobNode.FromJson(value, mark));
                }
            }

            var stages = new JobMap(mark);
            foreach (var stored in json.GetProperty("stages").EnumerateArray())
            {
                stages.Set(Key(stored.GetProperty("name").GetString()!), Stage(stored, mark));
            }

            if (json.TryGetProperty("datasets", out var datasets))
            {
                job.Set(Key("datasets"), JobNode.FromJson(datasets, mark));
            }

            job.Set(Key("stages"), stages);
            return (job, json.GetProperty("root").GetString()!, [.. json.GetProperty("allowed_roots").EnumerateArray().Select(r => r.GetString()!)]);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException)
        {
            throw new WorkflowException($"The stored job cannot be read: {e.Message} It was written by another version of this program; start a new run of its job file.", inner: e);
        }

        JobScalar Key(string name) => new(mark, name, quoted: true);
    }

    static JobMap Stage(JsonElement stored, NodeMark mark)
    {
        var stage = new JobMap(mark);
        foreach (var property in stored.EnumerateObject().Where(p => p.Name != "name"))
        {
            stage.Set(new JobScalar(mark, property.Name, quoted: true), property.Name == "from" ? From(property.Value, mark) : JobNode.FromJson(property.Value, mark));
        }

        return stage;
    }

    /// <summary>One reference stands alone, as a slot for one stage wants it.</summary>
    static JobMap From(JsonElement from, NodeMark mark)
    {
        var map = new JobMap(mark);
        foreach (var slot in from.EnumerateObject())
        {
            var refs = JobNode.FromJson(slot.Value, mark);
            map.Set(new JobScalar(mark, slot.Name, quoted: true), refs is JobList { Items: [var only] } ? only : refs);
        }

        return map;
    }
}
