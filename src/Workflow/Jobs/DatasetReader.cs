namespace Workflow.Jobs;

/// <summary>Reads <c>datasets:</c>, a mapping of names to output slots: a run that commits the slot makes a new version of the data set where it differs from the newest.</summary>
static class DatasetReader
{
    /// <summary>Slots by data set, in ordinal order of names; what is at fault is left out and reported.</summary>
    public static SortedDictionary<string, StageRef> Read(JobNode? node, IReadOnlyList<StageSpec> stages, FaultList faults)
    {
        var result = new SortedDictionary<string, StageRef>(StringComparer.Ordinal);
        if (node is null or JobScalar { IsNull: true })
        {
            return result;
        }

        if (node is not JobMap map)
        {
            faults.Add(node, "datasets", $"found {node.Shape}; expected a mapping of names to stage.slot.");
            return result;
        }

        foreach (var (key, value) in map.Entries)
        {
            var path = $"datasets.{key.Text}";
            if (!Names.IsName(key.Text))
            {
                faults.Add(key, path, "found a name that cannot be a data set; expected a letter, then letters, digits, '-' or '_', 64 at most.");
            }
            else if (value is not JobScalar { IsNull: false } scalar)
            {
                faults.Add(value, path, $"found {value.Shape}; expected stage.slot.");
            }
            else if (Slot(scalar, path, stages, faults) is { } slot)
            {
                result[key.Text] = slot;
            }
        }

        return result;
    }

    static StageRef? Slot(JobScalar scalar, string path, IReadOnlyList<StageSpec> stages, FaultList faults)
    {
        var dot = scalar.Text.IndexOf('.');
        var name = dot < 0 ? scalar.Text : scalar.Text[..dot];
        if (stages.FirstOrDefault(s => s.Name == name) is not { } stage)
        {
            faults.Unknown(scalar.Mark, path, "stage", name, [.. stages.Select(s => s.Name)]);
            return null;
        }

        var outputs = stage.Stage.Outputs;
        var slot = dot >= 0 ? scalar.Text[(dot + 1)..] : outputs.Contains(name) ? name : outputs.Count == 1 ? outputs[0] : null;
        if (slot is null)
        {
            faults.Add(scalar, path, $"found '{name}', which publishes {string.Join(", ", outputs)}; expected {name}.SLOT.");
            return null;
        }

        if (!outputs.Contains(slot))
        {
            faults.Unknown(scalar.Mark, path, $"output slot of '{name}'", slot, [.. outputs]);
            return null;
        }

        return new StageRef(name, slot);
    }
}
