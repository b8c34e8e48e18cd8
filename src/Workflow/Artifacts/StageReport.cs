namespace Workflow.Artifacts;

/// <summary>What a stage said of its outputs while it worked: facts of files, facts of manifests, files taken over from inputs.</summary>
public sealed class StageReport
{
    readonly Lock gate = new();

    /// <summary>Rows and logical hash of written files.</summary>
    public Dictionary<(string Slot, string Name), (long? Rows, string? Logical)> Described { get; } = [];

    /// <summary>Manifest facts by slot.</summary>
    public Dictionary<string, SortedDictionary<string, string>> Meta { get; } = new(StringComparer.Ordinal);

    /// <summary>Files of input artifacts published again under another name.</summary>
    public List<(string Slot, ManifestMember Member)> Included { get; } = [];

    /// <summary>Counts of what was computed anew and what was taken over, by what was counted.</summary>
    public SortedDictionary<string, (long Total, long Anew)> Reused { get; } = new(StringComparer.Ordinal);

    /// <summary>States how much of the work was taken over from earlier results.</summary>
    public void CountReuse(string words, long total, long anew)
    {
        lock (gate)
        {
            Reused[words] = (total, anew);
        }
    }

    /// <summary>States facts of a file.</summary>
    public void Describe(string slot, string name, long? rows, string? logicalHash)
    {
        lock (gate)
        {
            Described[(slot, name)] = (rows, logicalHash);
        }
    }

    /// <summary>States a fact of a slot.</summary>
    public void SetMeta(string slot, string key, string value)
    {
        lock (gate)
        {
            if (!Meta.TryGetValue(slot, out var facts))
            {
                Meta.Add(slot, facts = new(StringComparer.Ordinal));
            }

            facts[key] = value;
        }
    }

    /// <summary>Takes over a file of an input.</summary>
    public void Include(string slot, Manifest from, string member, string name)
    {
        var found = from.Members.FirstOrDefault(m => m.Name == member)
            ?? throw new WorkflowException($"Cannot publish '{member}' again: the input ({from.Kind}) has no such file. Found: {string.Join(", ", from.Members.Select(m => m.Name))}.");
        lock (gate)
        {
            Included.Add((slot, found with { Name = name }));
        }
    }
}
