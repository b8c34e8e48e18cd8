using System.Text;

namespace Workflow.Jobs;

/// <summary>Parameters of a job: what <c>--set name=value</c> may replace, and <c>${name}</c> in its stages stands for. <c>$${</c> writes <c>${</c>.</summary>
sealed class JobParameters
{
    static readonly string[] keys = ["description", "default", "required"];

    readonly FaultList faults;
    readonly Dictionary<string, JobNode?> values = new(StringComparer.Ordinal);
    readonly Dictionary<string, NodeMark> missing = new(StringComparer.Ordinal);

    public JobParameters(JobNode? node, IReadOnlyList<string> topKeys, FaultList faults)
    {
        this.faults = faults;
        if (node is null or JobScalar { IsNull: true })
        {
            return;
        }

        if (node is not JobMap map)
        {
            faults.Add(node, "parameters", $"found {node.Shape}; expected a mapping of names to {{ description, default or required }}.");
            return;
        }

        foreach (var (key, value) in map.Entries)
        {
            if (!Names.IsName(key.Text) || topKeys.Contains(key.Text))
            {
                faults.Add(key, $"parameters.{key.Text}", "found a name that cannot be a parameter; expected a letter, then letters, digits, '-' or '_', and none of the job's own keys.");
            }
            else
            {
                Declare(key, value);
            }
        }
    }

    public IReadOnlyCollection<string> Known => values.Keys;

    /// <summary>Replaces the value of a declared parameter.</summary>
    public void Set(string name, JobNode value)
    {
        values[name] = value;
        missing.Remove(name);
    }

    /// <summary>Reports the required parameters that nothing gave.</summary>
    public void Require()
    {
        foreach (var (name, mark) in missing)
        {
            faults.Add(mark, $"parameters.{name}", $"is required; give it with --set {name}=VALUE.");
        }
    }

    /// <summary>The tree with every <c>${name}</c> replaced. A scalar that is one whole <c>${name}</c> takes the parameter's value whatever its shape.</summary>
    public JobNode Fill(JobNode node, string path)
    {
        switch (node)
        {
            case JobMap map:
                var filled = new JobMap(map.Mark);
                foreach (var (key, value) in map.Entries)
                {
                    filled.Set(key, Fill(value, Names.Join(path, key.Text)));
                }

                return filled;
            case JobList list:
                var items = new JobList(list.Mark);
                items.Items.AddRange(list.Items.Select((item, i) => Fill(item, Names.Join(path, i.ToString()))));
                return items;
            default:
                return FillText((JobScalar)node, path);
        }
    }

    void Declare(JobScalar key, JobNode value)
    {
        var path = $"parameters.{key.Text}";
        if (value is not JobMap map)
        {
            faults.Add(value, path, $"found {value.Shape}; expected {{ default: VALUE }} or {{ required: true }}.");
            values[key.Text] = null;
            return;
        }

        foreach (var (inner, _) in map.Entries.Where(e => !keys.Contains(e.Key.Text)))
        {
            faults.Unknown(inner.Mark, Names.Join(path, inner.Text), "key", inner.Text, keys);
        }

        var required = map.Find("required") is JobScalar { Text: "true" };
        if (required == map.Find("default") is not null)
        {
            faults.Add(value, path, "expected either a default or required: true.");
        }

        values[key.Text] = map.Find("default");
        if (required)
        {
            missing[key.Text] = key.Mark;
        }
    }

    JobNode FillText(JobScalar scalar, string path)
    {
        var text = scalar.Text;
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return scalar;
        }

        var result = new StringBuilder();
        string? given = null;
        for (var at = 0; at < text.Length;)
        {
            if (text.AsSpan(at).StartsWith("$${"))
            {
                result.Append("${");
                at += 3;
                continue;
            }

            var end = text.AsSpan(at).StartsWith("${") ? text.IndexOf('}', at) : -1;
            if (end < 0)
            {
                result.Append(text[at++]);
                continue;
            }

            var name = text[(at + 2)..end];
            if (!values.TryGetValue(name, out var value))
            {
                faults.Unknown(scalar.Mark, path, "parameter", name, Known);
            }
            else if (value is null)
            {
                result.Append(text, at, end + 1 - at);
            }
            else if (at == 0 && end == text.Length - 1)
            {
                return value is JobScalar whole ? new JobScalar(scalar.Mark, whole.Text, whole.Quoted, whole.Given) : value;
            }
            else if (value is JobScalar part)
            {
                given = at == 0 ? part.Given : given;
                result.Append(part.IsNull ? "" : part.Text);
            }
            else
            {
                faults.Add(scalar, path, $"the parameter '{name}' is {value.Shape}, which cannot stand inside text; expected a single value.");
            }

            at = end + 1;
        }

        return new JobScalar(scalar.Mark, result.ToString(), quoted: true, given);
    }
}
