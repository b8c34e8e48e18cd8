namespace DataPrep.Mining;

/// <summary>A query to mine for.</summary>
/// <param name="QueryId">Its id.</param>
/// <param name="Text">Its text.</param>
/// <param name="Positives">Ordinals of its positives, in the order of the pairs.</param>
/// <param name="Group">Every document that counts as relevant.</param>
sealed record MiningQuery(string QueryId, string Text, int[] Positives, HashSet<int> Group);

/// <summary>The distinct training queries in the order of the pairs, of which a partition takes an equal block.</summary>
static class MiningPlan
{
    public static List<MiningQuery> Queries(IEnumerable<Pair> pairs, MiningCorpus corpus, MiningOptions options, int partition)
    {
        var order = new List<(string QueryId, string Text)>();
        var positivesOfQuery = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var positivesOfText = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var pair in pairs.Where(static pair => pair.Split == "train"))
        {
            var ordinal = corpus.OrdinalOf(pair.DocId);
            if (ordinal < 0)
            {
                throw new DataPrepException(
                    $"Pair '{pair.QueryId}' names document '{pair.DocId}', which is not among the {corpus.Documents.Count} documents to mine from. Make pairs and documents from the same ingest.");
            }

            if (!positivesOfQuery.TryGetValue(pair.QueryId, out var positives))
            {
                positivesOfQuery[pair.QueryId] = positives = [];
                order.Add((pair.QueryId, pair.Query));
            }

            if (!positives.Contains(ordinal))
            {
                positives.Add(ordinal);
            }

            if (!positivesOfText.TryGetValue(pair.Query, out var sameText))
            {
                positivesOfText[pair.Query] = sameText = [];
            }

            sameText.Add(ordinal);
        }

        var from = (int)((long)order.Count * partition / options.Partitions);
        var to = (int)((long)order.Count * (partition + 1) / options.Partitions);
        return order.GetRange(from, to - from).ConvertAll(query => new MiningQuery(
            query.QueryId,
            query.Text,
            [.. positivesOfQuery[query.QueryId]],
            corpus.GroupOf(positivesOfQuery[query.QueryId].Concat(positivesOfText[query.Text]), options.ExcludeSameTitle, options.ExcludeSameContent)));
    }
}
