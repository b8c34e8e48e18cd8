using System.Text.Json.Nodes;
using Trainer.Training;

namespace Workflow.Stages;

/// <summary>What a training tells its ledger, in the words of the ledger: events of type <c>training.KIND</c> with a JSON object, histograms with their figures.</summary>
static class TrainingPayload
{
    /// <summary>Begins the types of its events.</summary>
    public const string EventPrefix = "training.";

    /// <summary>Begins the keys of its histograms: <c>cosine/positive</c>.</summary>
    public const string CosineSeries = "cosine/";

    /// <summary>An alarm, memory that ran out, another environment: <c>{"step", "text"}</c> and, where they apply, <c>before</c>, <c>after</c>, <c>policy</c>.</summary>
    public static string Of(TrainEvent happened)
    {
        var json = new JsonObject { ["step"] = happened.Step, ["text"] = happened.Text };
        Add(json, "before", happened.Before);
        Add(json, "after", happened.After);
        Add(json, "policy", happened.Policy);
        return json.ToJsonString();
    }

    /// <summary>A phase, the end of a warm-up, or what was done: <c>{"step", "name"}</c> and, where they apply, <c>until</c>, <c>text</c>.</summary>
    public static string Of(TrainingMark mark)
    {
        var json = new JsonObject { ["step"] = mark.Step, ["name"] = mark.Name };
        Add(json, "until", mark.Until);
        Add(json, "text", mark.Text);
        return json.ToJsonString();
    }

    /// <summary>Figures of a histogram's sample, by name.</summary>
    public static IReadOnlyDictionary<string, double> Figures(CosineHistogram histogram)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal) { ["mean"] = histogram.Mean, ["std"] = histogram.Deviation };
        if (histogram.Percentiles is { } p)
        {
            (figures["p1"], figures["p5"], figures["p50"], figures["p95"], figures["p99"]) = (p.P1, p.P5, p.P50, p.P95, p.P99);
        }

        if (histogram.Auc is { } auc)
        {
            figures["auc"] = auc;
        }

        return figures;
    }

    static void Add<T>(JsonObject json, string key, T? value)
    {
        if (value is not null)
        {
            json[key] = JsonValue.Create(value);
        }
    }
}
