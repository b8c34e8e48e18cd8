using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Workflow.Jobs;

/// <summary>
/// Rewrites a job so that one training stage is there once per learning rate, each with the evaluations that read it. What they need stays as it is, so it is computed once and reused;
/// what else reads the stage is left out, but a report, which then compares them.
/// </summary>
static class RateSweep
{
    /// <summary>Writes the job.</summary>
    /// <param name="text">A sound job file.</param>
    /// <param name="stage">The training stage.</param>
    /// <param name="rates">Learning rates; empty for its own, a third and a tenth of it.</param>
    /// <returns>The new job file and the rates.</returns>
    /// <exception cref="WorkflowException">There is no such stage, or it does not train.</exception>
    public static (string Text, IReadOnlyList<double> Rates) Write(string text, string stage, IReadOnlyList<double> rates)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        var stages = (YamlMappingNode)root["stages"];
        if (!stages.Children.TryGetValue(stage, out var found) || found is not YamlMappingNode training || Text(training, "uses") != "train")
        {
            throw new WorkflowException($"The job has no training stage '{stage}'. Found: {string.Join(", ", stages.Children.Where(s => Text((YamlMappingNode)s.Value, "uses") == "train").Select(s => s.Key))}.");
        }

        var own = Map(Map(training, "with"), "training");
        var rate = Number(own, "learning_rate") ?? new Trainer.Training.TrainOptions().LearningRate;
        var final = Number(own, "final_learning_rate");
        var points = rates.Count > 0 ? rates : [rate, rate / 3, rate / 10];
        var downstream = Downstream(stages, stage);
        var evaluations = downstream.Where(s => Text((YamlMappingNode)stages[s], "uses") == "evaluate" && References((YamlMappingNode)stages[s]).Contains(stage)).ToList();
        var result = new YamlMappingNode();
        foreach (var (key, value) in stages.Children)
        {
            var name = ((YamlScalarNode)key).Value!;
            if (name == stage)
            {
                for (var p = 0; p < points.Count; p++)
                {
                    var copy = (YamlMappingNode)Copy(training);
                    var options = Map(Map(copy, "with"), "training");
                    Set(options, "learning_rate", points[p]);
                    if (final is { } end)
                    {
                        Set(options, "final_learning_rate", end * points[p] / rate);
                    }

                    result.Add(Name(name, p), copy);
                }
            }
            else if (evaluations.Contains(name))
            {
                for (var p = 0; p < points.Count; p++)
                {
                    var copy = (YamlMappingNode)Copy(value);
                    Rename(copy, reference => reference == stage ? Name(stage, p) : reference);
                    result.Add(Name(name, p), copy);
                }
            }
            else if (!downstream.Contains(name))
            {
                result.Add(name, Copy(value));
            }
            else if (Text((YamlMappingNode)value, "uses") == "report")
            {
                result.Add(name, Report((YamlMappingNode)Copy(value), stage, evaluations, downstream, points.Count));
            }
        }

        var renamed = new YamlMappingNode();
        foreach (var (key, value) in root.Children.Where(c => ((YamlScalarNode)c.Key).Value != "schedules"))
        {
            renamed.Add(key, ((YamlScalarNode)key).Value switch { "job" => new YamlScalarNode(((YamlScalarNode)value).Value + "-sweep"), "stages" => result, _ => Copy(value) });
        }

        var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(renamed)).Save(writer, assignAnchors: false);
        return (writer.ToString().Replace("\n...\n", "\n", StringComparison.Ordinal), points);
    }

    static string Name(string stage, int point) => $"{stage}-rate{point + 1}";

    static string? Text(YamlMappingNode map, string key) => map.Children.TryGetValue(key, out var value) ? (value as YamlScalarNode)?.Value : null;

    static double? Number(YamlMappingNode map, string key) => double.TryParse(Text(map, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

    static void Set(YamlMappingNode map, string key, double value) => map.Children[key] = new YamlScalarNode(value.ToString("R", CultureInfo.InvariantCulture));

    static YamlMappingNode Map(YamlMappingNode map, string key)
    {
        if (!map.Children.TryGetValue(key, out var value) || value is not YamlMappingNode inner)
        {
            map.Children[key] = inner = new YamlMappingNode();
        }

        return inner;
    }

    /// <summary>Stages that read a stage, at once or through others.</summary>
    static HashSet<string> Downstream(YamlMappingNode stages, string stage)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in stages.Children)
        {
            if (References((YamlMappingNode)value).Any(r => r == stage || found.Contains(r)))
            {
                found.Add(((YamlScalarNode)key).Value!);
            }
        }

        return found;
    }

    static IEnumerable<string> References(YamlMappingNode stage) => stage.Children.TryGetValue("from", out var from) && from is YamlMappingNode map
        ? map.Children.Values.SelectMany(v => v is YamlSequenceNode list ? list.Children : [v]).OfType<YamlScalarNode>().Select(s => s.Value!.Split('.')[0])
        : [];

    static void Rename(YamlMappingNode stage, Func<string, string> rename)
    {
        foreach (var scalar in ((YamlMappingNode)stage["from"]).Children.Values.SelectMany(v => v is YamlSequenceNode list ? list.Children : [v]).OfType<YamlScalarNode>())
        {
            var parts = scalar.Value!.Split('.', 2);
            scalar.Value = parts.Length == 2 ? $"{rename(parts[0])}.{parts[1]}" : rename(parts[0]);
        }
    }

    /// <summary>A report of the points: lists name every copy, what is left out of the job is left out of it.</summary>
    static YamlMappingNode Report(YamlMappingNode report, string stage, List<string> evaluations, HashSet<string> gone, int points)
    {
        var from = (YamlMappingNode)report["from"];
        foreach (var (key, value) in from.Children.ToList())
        {
            var listed = value is YamlSequenceNode list ? list.Children : [value];
            var kept = listed.OfType<YamlScalarNode>().SelectMany(s => s.Value!.Split('.')[0] is var name && (name == stage || evaluations.Contains(name))
                ? Enumerable.Range(0, points).Select(p => new YamlScalarNode(Name(name, p) + s.Value![name.Length..]))
                : gone.Contains(name) ? [] : [new YamlScalarNode(s.Value)]).ToList();
            if (kept.Count == 0)
            {
                from.Children.Remove(key);
            }
            else
            {
                from.Children[key] = value is YamlSequenceNode ? new YamlSequenceNode(kept) : kept[0];
            }
        }

        return report;
    }

    static YamlNode Copy(YamlNode node) => node switch
    {
        YamlMappingNode map => new YamlMappingNode(map.Children.Select(c => new KeyValuePair<YamlNode, YamlNode>(Copy(c.Key), Copy(c.Value)))),
        YamlSequenceNode list => new YamlSequenceNode(list.Children.Select(Copy)),
        YamlScalarNode scalar => new YamlScalarNode(scalar.Value) { Style = scalar.Style },
        _ => throw new WorkflowException($"The job file holds {node}, which is no YAML value."),
    };
}
