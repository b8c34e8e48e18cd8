using Workflow.Stages;

namespace Workflow.Jobs;

/// <summary>A stage as declared, before its inputs are resolved.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where its name stands.</param>
/// <param name="Stage">What it does; null where <c>uses:</c> is at fault.</param>
/// <param name="From">Its <c>from:</c> mapping; null where absent.</param>
sealed record DeclaredStage(string Name, NodeMark Place, IStage? Stage, JobNode? From);

/// <summary>Resolves <c>from:</c> to output slots of earlier stages.</summary>
sealed class StageLinks(IReadOnlyList<DeclaredStage> stages, FaultList faults)
{
    /// <summary>Inputs by slot of the stage at <paramref name="index"/>; what cannot be resolved is left out and reported.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<StageRef>> Resolve(int index)
    {
        var result = new SortedDictionary<string, IReadOnlyList<StageRef>>(StringComparer.Ordinal);
        var (name, place, stage, from) = stages[index];
        if (stage is null)
        {
            return result;
        }

        var path = $"stages.{name}.from";
        if (from is not (null or JobMap or JobScalar { IsNull: true }))
        {
            faults.Add(from, path, $"found {from.Shape}; expected a mapping of input slots to stages.");
            return result;
        }

        var map = from as JobMap;
        foreach (var (key, value) in map?.Entries ?? [])
        {
            var slotPath = $"{path}.{key.Text}";
            if (stage.Inputs.FirstOrDefault(s => s.Name == key.Text) is { } slot)
            {
                result[slot.Name] = Slot(index, slot, value, slotPath);
            }
            else
            {
                faults.Unknown(key.Mark, slotPath, "input slot", key.Text, [.. stage.Inputs.Select(s => s.Name)]);
            }
        }

        foreach (var slot in stage.Inputs.Where(s => !s.Optional && (!result.TryGetValue(s.Name, out var refs) || (refs.Count == 0 && map?.Find(s.Name) is JobList { Items.Count: 0 }))))
        {
            faults.Add(from?.Mark ?? place, $"{path}.{slot.Name}", $"is missing; {name} expects an earlier stage that publishes {string.Join(" or ", slot.Kinds)}{Suggest(index, slot)}.");
        }

        return result;
    }

    List<StageRef> Slot(int index, InputSlot slot, JobNode value, string path)
    {
        if (value is JobList list && !slot.Many)
        {
            faults.Add(value, path, $"found a list of {list.Items.Count}; expected one stage.");
            return [];
        }

        var refs = new List<StageRef>();
        foreach (var item in value is JobList many ? many.Items : [value])
        {
            if (item is not JobScalar { IsNull: false } scalar)
            {
                faults.Add(item, path, $"found {item.Shape}; expected a stage or stage.slot{(slot.Many ? ", or a list of those" : "")}.");
            }
            else if (Reference(index, slot, scalar, path) is { } found)
            {
                refs.Add(found);
            }
        }

        return refs;
    }

    StageRef? Reference(int index, InputSlot slot, JobScalar scalar, string path)
    {
        var dot = scalar.Text.IndexOf('.');
        var name = dot < 0 ? scalar.Text : scalar.Text[..dot];
        if (name.StartsWith(StageRef.ModelSlotPrefix, StringComparison.Ordinal))
        {
            return ModelSlot(slot, scalar, name, dot < 0 ? "model" : scalar.Text[(dot + 1)..], path);
        }

        var at = stages.ToList().FindIndex(s => s.Name == name);
        if (at < 0)
        {
            faults.Unknown(scalar.Mark, path, "stage", name, [.. stages.Take(index).Select(s => s.Name)]);
            return null;
        }

        if (at >= index)
        {
            faults.Add(scalar, path, Reads(at, stages[index].Name)
                ? $"found '{name}', which itself reads '{stages[index].Name}': a cycle; expected an earlier stage that does not."
                : $"found '{name}', which is declared later (line {stages[at].Place.Line}); expected an earlier stage: move '{name}' up.");
            return null;
        }

        if (stages[at].Stage is not { } source)
        {
            return null;
        }

        var output = dot < 0 ? Default(source, slot) : scalar.Text[(dot + 1)..];
        if (output is null)
        {
            faults.Add(scalar, path, $"found '{name}', which publishes {string.Join(", ", source.Outputs)}; expected {name}.SLOT, one that is {string.Join(" or ", slot.Kinds)}.");
            return null;
        }

        if (!source.Outputs.Contains(output))
        {
            faults.Unknown(scalar.Mark, path, $"output slot of '{name}'", output, [.. source.Outputs]);
            return null;
        }

        if (!slot.Kinds.Contains(output))
        {
            faults.Add(scalar, path, $"found '{name}.{output}', an artifact of kind {output}; expected {string.Join(" or ", slot.Kinds)}{Suggest(index, slot)}.");
            return null;
        }

        return new StageRef(name, output);
    }

    /// <summary>A named slot may be empty, so only an input that may be left out can read it.</summary>
    StageRef? ModelSlot(InputSlot slot, JobScalar scalar, string name, string kind, string path)
    {
        if (kind != "model" || !Names.IsName(name[StageRef.ModelSlotPrefix.Length..]))
        {
            faults.Add(scalar, path, $"found '{scalar.Text}'; expected slot:NAME, NAME being a letter, then letters, digits, '-' or '_'.");
            return null;
        }

        if (!slot.Kinds.Contains(kind) || !slot.Optional)
        {
            faults.Add(scalar, path, $"found the named slot '{name}', which holds a model or nothing; expected {(slot.Kinds.Contains(kind) ? $"a stage, for {slot.Name} must not be empty" : string.Join(" or ", slot.Kinds))}.");
            return null;
        }

        return new StageRef(name, kind);
    }

    /// <summary>The slot of the same name, the only output, or the only output whose kind the slot takes.</summary>
    static string? Default(IStage source, InputSlot slot)
    {
        if (source.Outputs.Contains(slot.Name))
        {
            return slot.Name;
        }

        var fits = source.Outputs.Count == 1 ? source.Outputs : [.. source.Outputs.Where(slot.Kinds.Contains)];
        return fits.Count == 1 ? fits[0] : null;
    }

    /// <summary>Whether the stage at an index reads the named one, at once or through others.</summary>
    bool Reads(int index, string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([stages[index].Name]);
        while (open.TryPop(out var next))
        {
            if (next == name)
            {
                return true;
            }

            if (seen.Add(next) && stages.FirstOrDefault(s => s.Name == next)?.From is JobMap from)
            {
                foreach (var scalar in from.Entries.SelectMany(e => e.Value is JobList list ? list.Items : [e.Value]).OfType<JobScalar>())
                {
                    open.Push(scalar.Text.Split('.')[0]);
                }
            }
        }

        return false;
    }

    string Suggest(int index, InputSlot slot)
    {
        var fits = stages.Take(index).Where(s => s.Stage is not null).SelectMany(s => s.Stage!.Outputs.Where(slot.Kinds.Contains).Select(o => $"{s.Name}.{o}")).ToList();
        return fits.Count == 0 ? "" : $", such as {string.Join(" or ", fits.TakeLast(3))}";
    }
}
