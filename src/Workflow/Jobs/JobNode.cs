using System.Text.Json;

namespace Workflow.Jobs;

/// <summary>Where a node stands: line 0 is a <c>--set</c> argument.</summary>
readonly record struct NodeMark(string Source, int Line, int Column);

/// <summary>A value of a job file with its place.</summary>
abstract class JobNode(NodeMark mark)
{
    public NodeMark Mark { get; } = mark;

    /// <summary>What it is, for messages: "a list".</summary>
    public abstract string Shape { get; }

    /// <summary>An equal tree that shares nothing with this one.</summary>
    public abstract JobNode Copy();

    /// <summary>Nodes in this tree.</summary>
    public abstract int Size { get; }

    /// <summary>Reads stored JSON; every node gets the same mark.</summary>
    public static JobNode FromJson(JsonElement json, NodeMark mark)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new JobMap(mark);
                foreach (var property in json.EnumerateObject())
                {
                    map.Set(new JobScalar(mark, property.Name, quoted: true), FromJson(property.Value, mark));
                }

                return map;
            case JsonValueKind.Array:
                var list = new JobList(mark);
                list.Items.AddRange(json.EnumerateArray().Select(item => FromJson(item, mark)));
                return list;
            case JsonValueKind.String:
                return new JobScalar(mark, json.GetString()!, quoted: true);
            default:
                return new JobScalar(mark, json.GetRawText(), quoted: false);
        }
    }
}

/// <summary>A single value.</summary>
/// <param name="mark">Its place.</param>
/// <param name="text">Its text.</param>
/// <param name="quoted">Written in quotes or as a block: never null.</param>
/// <param name="given">Text given on the command line that this value begins with; null where it comes from the file.</param>
sealed class JobScalar(NodeMark mark, string text, bool quoted, string? given = null) : JobNode(mark)
{
    public string Text { get; } = text;

    public bool Quoted { get; } = quoted;

    public string? Given { get; } = given;

    public bool IsNull => !Quoted && Text is "" or "~" or "null" or "Null" or "NULL";

    public override string Shape => IsNull ? "nothing" : $"'{(Text.Length <= 80 ? Text : Text[..77] + "...")}'";

    public override int Size => 1;

    public override JobNode Copy() => this;
}

/// <summary>A list.</summary>
sealed class JobList(NodeMark mark) : JobNode(mark)
{
    public List<JobNode> Items { get; } = [];

    public override string Shape => "a list";

    public override int Size => 1 + Items.Sum(i => i.Size);

    public override JobNode Copy()
    {
        var copy = new JobList(Mark);
        copy.Items.AddRange(Items.Select(i => i.Copy()));
        return copy;
    }
}

/// <summary>A mapping in written order.</summary>
sealed class JobMap(NodeMark mark) : JobNode(mark)
{
    readonly List<(JobScalar Key, JobNode Value)> entries = [];

    public IReadOnlyList<(JobScalar Key, JobNode Value)> Entries => entries;

    public override string Shape => "a mapping";

    public override int Size => 1 + entries.Sum(e => 1 + e.Value.Size);

    public JobNode? Find(string key) => entries.FirstOrDefault(e => e.Key.Text == key).Value;

    /// <summary>Replaces the value in its place, or appends it.</summary>
    public void Set(JobScalar key, JobNode value)
    {
        var at = entries.FindIndex(e => e.Key.Text == key.Text);
        if (at < 0)
        {
            entries.Add((key, value));
        }
        else
        {
            entries[at] = (key, value);
        }
    }

    public override JobNode Copy()
    {
        var copy = new JobMap(Mark);
        foreach (var (key, value) in entries)
        {
            copy.Set(key, value.Copy());
        }

        return copy;
    }
}
