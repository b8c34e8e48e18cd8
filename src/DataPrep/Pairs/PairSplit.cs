namespace DataPrep.Pairs;

/// <summary>
/// Which queries are dev and test, and which documents stay out of training. Whole groups go to test, then to dev, in a seeded order, until they hold enough queries (times the spread); of those
/// the asked number is drawn, seeded too. A query counts as a group's if one of its documents lies there. Out of training are the documents of dev and test groups, all documents with the content of one of these,
/// and all that are relevant to a chosen query; with a stable split a group's own hash says whether it is test or dev, and all its queries are. No duplicate cluster and no title is on both sides, and neither is any query's text. Dev is kept from test in the same way.
/// </summary>
sealed class PairSplit
{
    readonly CorpusIndex corpus;
    readonly IReadOnlyList<IPairGenerator> generators;
    readonly bool grouped;
    readonly Dictionary<int, List<int>> byTitle;
    readonly Dictionary<int, List<int>> byContent;
    readonly bool[] kept;
    readonly HashSet<ulong> texts = [];

    internal PairSplit(CorpusIndex corpus, IReadOnlyList<IPairGenerator> generators, PairOptions options, long seed)
    {
        (this.corpus, this.generators, grouped) = (corpus, generators, options.GroupRelevance);
        byTitle = corpus.By(e => e.Content < 0 ? -1 : e.Title);
        byContent = corpus.By(e => e.Content);
        kept = new bool[corpus.Entries.Count];
        var queries = Enumerable.Range(0, corpus.Entries.Count).SelectMany(Candidates).Distinct().Count();
        (TestAsked, DevAsked) = (Asked(options.Split.Test, queries), Asked(options.Split.Dev, queries));

        var stable = options.Split.Stable;
        var upTo = new Dictionary<string, double> { ["test"] = options.Split.Test, ["dev"] = options.Split.Test + options.Split.Dev };
        var groups = corpus.By(e => e.Group);
        var order = groups.Keys.OrderBy(Place).ThenBy(g => corpus.Groups[g], StringComparer.Ordinal).ToList();
        var next = 0;
        foreach (var (split, asked) in new[] { ("test", TestAsked), ("dev", DevAsked) })
        {
            var most = stable ? queries : Math.Min(asked, queries / 4);
            var found = new HashSet<(int Generator, int Document)>();
            var passedOver = new HashSet<(int Generator, int Document)>();
            var members = new List<int>();
            var pool = (int)Math.Max(most, Math.Min(most * options.Split.Spread, queries / 4.0));
            for (; next < order.Count && (stable ? Share(order[next]) < upTo[split] : found.Count < pool); next++)
            {
                var group = groups[order[next]];
                members.AddRange(group);
                foreach (var query in group.SelectMany(Candidates))
                {
                    (texts.Contains(Text(query)) || Relevant(query).Any(d => kept[d]) ? passedOver : found).Add(query);
                }
            }

            foreach (var query in found.OrderBy(q => StableHash.Of(seed, split, Name(q))).ThenBy(Name, StringComparer.Ordinal).Take(most))
            {
                var relevant = Relevant(query);
                Keep(relevant);
                texts.Add(Text(query));
                Queries.Add(query, new Chosen(split, relevant));
            }

            // A dev query that has become one of test's as the corpus grew was held out before; it stays so.
            foreach (var query in stable ? passedOver : [])
            {
                Keep(Relevant(query));
                texts.Add(Text(query));
            }

            Keep(members);
            Keep(members.Select(d => corpus.Entries[d].Content).Where(c => c >= 0).Distinct().SelectMany(c => byContent[c]));
        }

        if (stable)
        {
            (TestAsked, DevAsked) = (Queries.Values.Count(q => q.Split == "test"), Queries.Values.Count(q => q.Split == "dev"));
        }

        var held = order.Take(next).ToHashSet();
        KeptOut = Enumerable.Range(0, kept.Length).Count(d => kept[d] && !held.Contains(corpus.Entries[d].Group));

        ulong Place(int group) => StableHash.Of(seed, "split", corpus.Groups[group]);

        double Share(int group) => (Place(group) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A dev or test query's split and its relevant documents, in corpus order.</summary>
    internal sealed record Chosen(string Split, IReadOnlyList<int> Relevant);

    /// <summary>Dev and test queries by generator and the document they are made of.</summary>
    internal Dictionary<(int Generator, int Document), Chosen> Queries { get; } = [];

    internal int TestAsked { get; }

    internal int DevAsked { get; }

    /// <summary>Documents of training groups that are not trained on.</summary>
    internal int KeptOut { get; }

    /// <summary>Whether training pairs may be made of a document.</summary>
    internal bool Trains(int document) => !kept[document];

    /// <summary>Whether a training query may have this text.</summary>
    internal bool Trains(string query) => !texts.Contains(CorpusIndex.Hash(query));

    /// <summary>The document whose id stands in a query's id: of a shared title, the first with a content.</summary>
    internal int Owner(IPairGenerator generator, int document) => grouped && generator.QueryIsTitle ? byTitle[corpus.Entries[document].Title][0] : document;

    static int Asked(double asked, int queries) => (int)(asked < 1 ? asked * queries : asked);

    IEnumerable<(int Generator, int Document)> Candidates(int document)
    {
        for (var g = 0; g < generators.Count; g++)
        {
            if (corpus.Entries[document].Queries[g] != 0)
            {
                yield return (g, Owner(generators[g], document));
            }
        }
    }

    List<int> Relevant((int Generator, int Document) query)
    {
        if (!grouped)
        {
            return [query.Document];
        }

        var own = generators[query.Generator].QueryIsTitle ? byTitle[corpus.Entries[query.Document].Title] : [query.Document];
        return [.. own.Select(d => corpus.Entries[d].Content).Distinct().SelectMany(c => byContent[c]).Concat(own).Distinct().Order()];
    }

    ulong Text((int Generator, int Document) query) => corpus.Entries[query.Document].Queries[query.Generator];

    string Name((int Generator, int Document) query) => $"{generators[query.Generator].Name}:{corpus.Entries[query.Document].DocId}";

    void Keep(IEnumerable<int> documents)
    {
        foreach (var document in documents)
        {
            kept[document] = true;
        }
    }
}
