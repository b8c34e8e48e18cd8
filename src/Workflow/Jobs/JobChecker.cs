using Workflow.Stages;

namespace Workflow.Jobs;

/// <summary>Nodes to a checked job.</summary>
sealed class JobChecker(StageTable table, AllowedPaths paths, FaultList faults)
{
    /// <summary>Keys of a job file.</summary>
    public static readonly string[] TopKeys = ["job", "description", "seed", "threads", "priority", "parameters", "datasets", "schedules", "stages"];

    static readonly string[] stageKeys = ["uses", "with", "from", "max_tries", "retry", "timeout", "stall"];

    /// <summary>The job; null where faults were added.</summary>
    public JobSpec? Check(JobMap job, string root)
    {
        var before = faults.Count;
        foreach (var (key, _) in job.Entries.Where(e => !TopKeys.Contains(e.Key.Text)))
        {
            faults.Unknown(key.Mark, key.Text, "key", key.Text, TopKeys);
        }

        var name = Scalar(job, "job", "", typeof(string)) as string;
        if (job.Find("job") is null)
        {
            faults.Add(job, "job", "is missing; expected the name of the job.");
        }
        else if (name is not null && !Names.IsName(name))
        {
            faults.Add(job.Find("job")!, "job", $"found '{name}'; expected a letter, then letters, digits, '-' or '_'.");
        }

        var description = Scalar(job, "description", "", typeof(string)) as string ?? "";
        var seed = Scalar(job, "seed", "", typeof(long)) as long? ?? 17;
        var threads = Bounded(job, "threads", "", 1, 1024) ?? 2;
        var priority = Bounded(job, "priority", "", -1000, 1000) ?? 0;
        var stages = Stages(job);
        var datasets = DatasetReader.Read(job.Find("datasets"), stages, faults);
        var schedules = new ScheduleReader(faults).Read(job.Find("schedules"), datasets.Keys);
        if (faults.Count > before)
        {
            return null;
        }

        var spec = new JobSpec { Name = name!, Description = description.Trim(), Seed = seed, Threads = threads, Priority = priority, Stages = stages, Datasets = datasets, Schedules = schedules, Root = root, AllowedRoots = paths.Roots, Json = "" };
        return spec with { Json = JobJson.Write(spec) };
    }

    List<StageSpec> Stages(JobMap job)
    {
        var node = job.Find("stages");
        if (node is not JobMap { Entries.Count: > 0 } map)
        {
            faults.Add(node?.Mark ?? job.Mark, "stages", node is null ? "is missing; expected at least one stage." : $"found {(node is JobMap ? "no stage" : node.Shape)}; expected a mapping of names to stages.");
            return [];
        }

        var declared = map.Entries.Select(e => Declare(e.Key, e.Value)).ToList();
        var links = new StageLinks(declared, faults);
        var result = new List<StageSpec>();
        for (var i = 0; i < declared.Count; i++)
        {
            var from = links.Resolve(i);
            if (declared[i].Stage is { } stage && map.Entries[i].Value is JobMap body)
            {
                result.Add(Stage(declared[i].Name, declared[i].Place, stage, body, from));
            }
        }

        return result;
    }

    DeclaredStage Declare(JobScalar key, JobNode value)
    {
        var path = $"stages.{key.Text}";
        if (!Names.IsName(key.Text))
        {
            faults.Add(key, path, "found a name that cannot be a stage; expected a letter, then letters, digits, '-' or '_', 64 at most.");
        }

        if (value is not JobMap map)
        {
            faults.Add(value, path, $"found {value.Shape}; expected a mapping of {string.Join(", ", stageKeys)}.");
            return new DeclaredStage(key.Text, key.Mark, null, null);
        }

        foreach (var (inner, _) in map.Entries.Where(e => !stageKeys.Contains(e.Key.Text)))
        {
            faults.Unknown(inner.Mark, Names.Join(path, inner.Text), "key", inner.Text, stageKeys);
        }

        var uses = Scalar(map, "uses", path, typeof(string)) as string;
        var stage = uses is null ? null : table.Find(uses);
        if (map.Find("uses") is not { } node)
        {
            faults.Add(key, $"{path}.uses", $"is missing; expected one of {string.Join(", ", table.Names)}.");
        }
        else if (uses is not null && stage is null)
        {
            faults.Unknown(node.Mark, $"{path}.uses", "stage kind", uses, table.Names);
        }
        else if (uses == "report" && key.Text != "report")
        {
            faults.Add(key, path, $"found a report stage named '{key.Text}'; expected the name 'report', by which every job's report is found.");
        }

        return new DeclaredStage(key.Text, key.Mark, stage, map.Find("from"));
    }

    StageSpec Stage(string name, NodeMark place, IStage stage, JobMap body, IReadOnlyDictionary<string, IReadOnlyList<StageRef>> from)
    {
        var path = $"stages.{name}";
        var options = new OptionsBinder(faults, paths).Record(body.Find("with"), place, $"{path}.with", stage.OptionsType);

        return new StageSpec
        {
            Name = name,
            Stage = stage,
            Options = options,
            SemanticJson = OptionsJson.Semantic(options),
            OperationalJson = OptionsJson.Operational(options),
            From = from,
            MaxTries = Bounded(body, "max_tries", path, 1, 100),
            Retry = (RetryPolicy)new OptionsBinder(faults, paths).Record(body.Find("retry"), place, $"{path}.retry", typeof(RetryPolicy)),
            Timeout = Limit("timeout"),
            Stall = Limit("stall"),
        };

        TimeSpan? Limit(string key)
        {
            var limit = Scalar(body, key, path, typeof(TimeSpan)) as TimeSpan?;
            if (limit <= TimeSpan.Zero)
            {
                faults.Add(body.Find(key)!, $"{path}.{key}", "found no time at all; expected more than 0s.");
            }

            return limit;
        }
    }

    int? Bounded(JobMap map, string key, string path, int low, int high)
    {
        if (map.Find(key) is JobScalar { IsNull: true } && key == "max_tries")
        {
            return null;
        }

        if (Scalar(map, key, path, typeof(int)) is not int number)
        {
            return null;
        }

        if (number < low || number > high)
        {
            faults.Add(map.Find(key)!, Names.Join(path, key), $"found {number}; expected at least {low} and at most {high}.");
        }

        return number;
    }

    object? Scalar(JobMap map, string key, string path, Type type)
    {
        var node = map.Find(key);
        if (node is null || (node is JobScalar { IsNull: true } && key is "description" or "timeout" or "stall"))
        {
            return null;
        }

        string? message = null;
        var value = node is JobScalar { IsNull: false } scalar ? ScalarValue.Parse(scalar, type, out message) : null;
        if (value is null)
        {
            faults.Add(node, Names.Join(path, key), message ?? $"found {node.Shape}; expected {OptionType.Describe(type)}.");
        }

        return value;
    }
}
