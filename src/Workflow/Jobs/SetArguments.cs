namespace Workflow.Jobs;

/// <summary>Applies <c>--set path=value</c> arguments to a job's nodes and parameters.</summary>
static class SetArguments
{
    public static void Apply(IReadOnlyList<string> arguments, JobMap job, JobParameters parameters, IReadOnlyList<string> topKeys, FaultList faults)
    {
        foreach (var argument in arguments)
        {
            var mark = new NodeMark($"--set {argument}", 0, 0);
            var equals = argument.IndexOf('=');
            if (equals <= 0)
            {
                faults.Add(mark, "", "expected path=value, such as seed=3 or stages.train.with.epochs=2.");
                continue;
            }

            var path = argument[..equals];
            if (Value(argument[(equals + 1)..], mark, faults) is not { } value)
            {
                continue;
            }

            if (parameters.Known.Contains(path))
            {
                parameters.Set(path, value);
            }
            else
            {
                Place(job, path, value, parameters, topKeys, faults);
            }
        }
    }

    /// <summary>A list, mapping or quoted text is read as YAML; anything else is taken as it stands, so that a path needs no quotes.</summary>
    static JobNode? Value(string text, NodeMark mark, FaultList faults)
    {
        if (text.Length == 0 || !"[{\"'".Contains(text[0]))
        {
            return new JobScalar(mark, text, quoted: false, given: text);
        }

        var inner = new FaultList();
        var node = YamlText.Read(text, mark.Source, inner);
        foreach (var fault in inner.InOrder())
        {
            faults.Add(mark, "", fault.Message);
        }

        return inner.Count > 0 || node is null ? null : Given(node, mark);
    }

    static JobNode Given(JobNode node, NodeMark mark)
    {
        switch (node)
        {
            case JobMap map:
                var given = new JobMap(mark);
                foreach (var (key, value) in map.Entries)
                {
                    given.Set(new JobScalar(mark, key.Text, key.Quoted), Given(value, mark));
                }

                return given;
            case JobList list:
                var items = new JobList(mark);
                items.Items.AddRange(list.Items.Select(i => Given(i, mark)));
                return items;
            default:
                var scalar = (JobScalar)node;
                return new JobScalar(mark, scalar.Text, scalar.Quoted, scalar.Text);
        }
    }

    /// <summary>Replaces what a path names.</summary>
    public static void Place(JobMap job, string path, JobNode value, JobParameters parameters, IReadOnlyList<string> topKeys, FaultList faults)
    {
        var steps = path.Split('.');
        if (!topKeys.Contains(steps[0]) || steps[0] == "parameters")
        {
            faults.Unknown(value.Mark, "", steps.Length == 1 ? "parameter or path" : "path", path, [.. parameters.Known, .. topKeys.Where(k => k != "parameters")]);
            return;
        }

        if (steps[0] == "stages" && job.Find("stages") is JobMap stages && (steps.Length < 3 || stages.Find(steps[1]) is null))
        {
            if (steps.Length < 3)
            {
                faults.Add(value.Mark, path, "expected stages.NAME.KEY=value, such as stages.train.with.epochs=2.");
            }
            else
            {
                faults.Unknown(value.Mark, path, "stage", steps[1], [.. stages.Entries.Select(e => e.Key.Text)]);
            }

            return;
        }

        JobNode at = job;
        for (var i = 0; i < steps.Length; i++)
        {
            var last = i == steps.Length - 1;
            if (at is JobList list)
            {
                if (!int.TryParse(steps[i], out var index) || index < 0 || index >= list.Items.Count)
                {
                    faults.Add(value.Mark, path, $"found '{steps[i]}' as a place in a list of {list.Items.Count}; expected 0 to {list.Items.Count - 1}.");
                    return;
                }

                at = last ? list.Items[index] = value : list.Items[index];
            }
            else if (at is JobMap map)
            {
                var key = new JobScalar(value.Mark, steps[i], quoted: true);
                var next = map.Find(steps[i]);
                if (last || next is null or JobScalar { IsNull: true })
                {
                    next = last ? value : new JobMap(value.Mark);
                    map.Set(key, next);
                }

                at = next;
            }
            else
            {
                faults.Add(value.Mark, path, $"found {at.Shape} at '{string.Join('.', steps[..i])}'; expected a mapping or a list there.");
                return;
            }
        }
    }
}
