using System.Text;
using System.Text.Json;

namespace Workflow.Lineage;

/// <summary>A lineage graph as an indented tree, as JSON, as Graphviz.</summary>
public static class LineageText
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>A tree from the start; what was shown already is marked and not shown again.</summary>
    public static string Tree(LineageGraph graph)
    {
        var up = graph.Direction == "up";
        var next = graph.Edges.ToLookup(e => up ? e.To : e.From, StringComparer.Ordinal);
        var labels = graph.Vertices.ToDictionary(v => v.Id, v => v.Label, StringComparer.Ordinal);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        var text = new StringBuilder();
        Show($"artifact:{graph.Start}", "", 0);
        return text.ToString();

        void Show(string id, string slot, int depth)
        {
            text.Append(' ', depth * 2).Append(slot.Length > 0 ? $"{slot}: " : "").Append(labels[id]);
            var children = next[id].ToList();
            if (!shown.Add(id) && children.Count > 0)
            {
                text.AppendLine(" (above)");
                return;
            }

            text.AppendLine();
            foreach (var edge in children)
            {
                Show(up ? edge.From : edge.To, id.StartsWith("attempt:", StringComparison.Ordinal) ? edge.Slot : "", depth + 1);
            }
        }
    }

    /// <summary>One object with start, direction, vertices and edges.</summary>
    public static string ToJson(LineageGraph graph) => JsonSerializer.Serialize(graph, Json);

    /// <summary>Graphviz.</summary>
    public static string ToDot(LineageGraph graph)
    {
        var text = new StringBuilder("digraph lineage {\n  rankdir=LR;\n");
        foreach (var v in graph.Vertices)
        {
            text.Append("  ").Append(Quote(v.Id)).Append(" [label=").Append(Quote(v.Label)).Append(v.Type switch { "attempt" => ", shape=box", "file" => ", shape=note", _ => ", shape=ellipse" }).Append("];\n");
        }

        foreach (var e in graph.Edges)
        {
            text.Append("  ").Append(Quote(e.From)).Append(" -> ").Append(Quote(e.To)).Append(" [label=").Append(Quote(e.Slot)).Append("];\n");
        }

        return text.Append("}\n").ToString();
    }

    static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
