using Workflow.Reports.Training;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>Curves that are drawn over each other.</summary>
/// <param name="Title">What they show.</param>
/// <param name="Keys">Keys of their series, as trainings name them.</param>
public sealed record CurvePanel(string Title, IReadOnlyList<string> Keys)
{
    static readonly (string Title, Func<string, bool> Takes)[] Known =
    [
        ("Loss", k => Last(k) == "loss" || k.EndsWith("_loss", StringComparison.Ordinal)),
        ("nDCG@10", k => Ends(k, "ndcg@10")), ("Recall@100", k => Ends(k, "recall@100")), ("MRR@10", k => Ends(k, "mrr@10")),
        ("Learning rate", k => Last(k) == "learning_rate"), ("Gradient norm", k => Last(k) == "grad_norm"),
        ("Alignment and uniformity: lower is closer, and more even", k => k is "alignment" or "uniformity"),
        ("Mean cosines", k => k.EndsWith("_cosine", StringComparison.Ordinal)), ("AUC: a positive above a negative", k => k.EndsWith("_auc", StringComparison.Ordinal)),
        ("Masked share of the candidates", k => k is "masked" or "zero_sparse_rate"), ("Rows with every negative masked", k => k == "masked_rows"),
        ("Spread of random cosines", k => k == "random_pair_std"),
        ("Pairs a second", k => k == "pairs_per_second"), ("Tokens a second", k => k == "tokens_per_second"), ("Memory, bytes", k => k == "memory_bytes"),
    ];

    /// <summary>Sorts keys into panels, what people look at first in front; keys that no panel knows share one with those that end alike.</summary>
    public static IReadOnlyList<CurvePanel> Of(IEnumerable<string> keys)
    {
        // What is taken at each step is drawn first, so that the few points of evaluations lie over it.
        var left = keys.Distinct(StringComparer.Ordinal).OrderBy(k => k.StartsWith("train", StringComparison.Ordinal) ? 0 : 1).ThenBy(k => k, StringComparer.Ordinal).ToList();
        var panels = new List<CurvePanel>();
        foreach (var (title, takes) in Known)
        {
            if (left.Where(takes).ToList() is { Count: > 0 } taken)
            {
                panels.Add(new CurvePanel(title, taken));
                left.RemoveAll(taken.Contains);
            }
        }

        return [.. panels, .. left.GroupBy(Last, StringComparer.Ordinal).Select(g => new CurvePanel(SeriesNames.Of(g.Key), [.. g]))];
    }

    /// <summary>A key in words.</summary>
    public static string Name(string key) => key.Contains('/') ? key : SeriesNames.Of(key);

    static string Last(string key) => key[(key.LastIndexOf('/') + 1)..];

    static bool Ends(string key, string metric) => key.EndsWith("_" + metric, StringComparison.Ordinal) || key.EndsWith("/" + metric, StringComparison.Ordinal);
}
