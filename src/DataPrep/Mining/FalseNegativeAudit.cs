using DataPrep.Text.Analysis;

namespace DataPrep.Mining;

/// <summary>A negative that may well be relevant.</summary>
/// <param name="QueryId">The query.</param>
/// <param name="PositiveDocId">Its positive.</param>
/// <param name="NegativeDocId">The negative.</param>
/// <param name="Score">The guide's score of the negative.</param>
/// <param name="PositiveScore">The guide's score of the positive.</param>
/// <param name="Jaccard">Overlap of the words of positive and negative, 0 to 1.</param>
public sealed record Suspect(string QueryId, string PositiveDocId, string NegativeDocId, float Score, float PositiveScore, double Jaccard);

/// <summary>How many of the mined negatives look as if they were relevant.</summary>
/// <param name="Negatives">Negatives looked at.</param>
/// <param name="Near">Share with a score above 95 % of the positive's (above pos - 0.05 |pos|).</param>
/// <param name="Above">Share with a score above the positive's.</param>
/// <param name="SameContent">Share with exactly the content of their positive.</param>
/// <param name="NearDuplicate">Share whose words overlap with their positive's by a Jaccard of 0.8 and more.</param>
/// <param name="Suspects">Up to 100 negatives that overlap most with their positive, then by score over the positive's.</param>
public sealed record FalseNegativeAudit(long Negatives, double Near, double Above, double SameContent, double NearDuplicate, IReadOnlyList<Suspect> Suspects)
{
    const int MostSuspects = 100;

    /// <summary>Audits negatives.</summary>
    public static FalseNegativeAudit Of(IReadOnlyList<Negative> negatives, MiningCorpus corpus)
    {
        var words = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var suspects = new PriorityQueue<Suspect, (double Jaccard, float Lead, int Order)>();
        var (near, above, same, duplicate) = (0L, 0L, 0L, 0L);
        foreach (var (i, negative) in negatives.Index())
        {
            near += negative.Score > negative.PositiveScore - (0.05 * Math.Abs(negative.PositiveScore)) ? 1 : 0;
            above += negative.Score > negative.PositiveScore ? 1 : 0;
            var (document, positive) = (corpus.Documents[corpus.OrdinalOf(negative.NegativeDocId)], corpus.Documents[corpus.OrdinalOf(negative.PositiveDocId)]);
            same += document.ContentHash == positive.ContentHash ? 1 : 0;
            var jaccard = Jaccard(WordsOf(document), WordsOf(positive));
            duplicate += jaccard >= 0.8 ? 1 : 0;
            var priority = (jaccard, negative.Score - negative.PositiveScore, -i);
            if (suspects.Count < MostSuspects || priority.CompareTo(suspects.TryPeek(out _, out var least) ? least : default) > 0)
            {
                suspects.Enqueue(new Suspect(negative.QueryId, negative.PositiveDocId, negative.NegativeDocId, negative.Score, negative.PositiveScore, jaccard), priority);
                if (suspects.Count > MostSuspects)
                {
                    suspects.Dequeue();
                }
            }
        }

        var count = Math.Max(1.0, negatives.Count);
        var ordered = suspects.UnorderedItems.OrderByDescending(static item => item.Priority).Select(static item => item.Element).ToArray();
        return new FalseNegativeAudit(negatives.Count, near / count, above / count, same / count, duplicate / count, ordered);

        HashSet<string> WordsOf(Document document)
        {
            if (!words.TryGetValue(document.DocId, out var set))
            {
                var terms = new List<string>();
                Analyzer.Analyze(document.Content, terms);
                words[document.DocId] = set = [.. terms];
            }

            return set;
        }
    }

    static readonly StandardAnalyzer Analyzer = new();

    static double Jaccard(HashSet<string> x, HashSet<string> y)
    {
        var (small, large) = x.Count <= y.Count ? (x, y) : (y, x);
        var common = small.Count(large.Contains);
        return common == 0 ? 0 : common / (double)(x.Count + y.Count - common);
    }
}
