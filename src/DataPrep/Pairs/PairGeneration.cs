using DataPrep.Tables;

namespace DataPrep.Pairs;

/// <summary>Makes the queries of a corpus: training pairs, and dev and test queries with all their relevant documents, from documents that training never sees.</summary>
public static class PairGeneration
{
    /// <summary>Generates and writes the pairs, in corpus order of the documents that the queries are made of.</summary>
    /// <param name="store">Table adapter.</param>
    /// <param name="documents">Files of documents, in corpus order; read twice.</param>
    /// <param name="options">Generators and split.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="folder">Gets part-00000.parquet on.</param>
    /// <param name="progress">Documents done, of two passes.</param>
    /// <param name="cancellationToken">Stops between documents.</param>
    /// <exception cref="DataPrepException">A generator is unknown, options contradict each other, or no training pair comes of the corpus.</exception>
    public static PairFiles Run(
        ITableStore store, IReadOnlyList<string> documents, PairOptions options, long seed, string folder, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (options.Crop.MaxWords < options.Crop.MinWords || options.Lead.MaxWords < options.Lead.MinWords)
        {
            throw new DataPrepException($"max_words is below min_words: crop {options.Crop.MinWords} to {options.Crop.MaxWords}, lead {options.Lead.MinWords} to {options.Lead.MaxWords}.");
        }

        if (options.Split is { Stable: true } split && (split.Dev >= 1 || split.Test >= 1 || split.Dev + split.Test >= 1))
        {
            throw new DataPrepException($"A stable split takes fractions of the groups: found dev {split.Dev} and test {split.Test}. Expected both below 1, and their sum too.");
        }

        var run = new Generation(options, seed);
        var (done, total) = (0L, 0L);
        foreach (var document in RowTables.Documents.Read(store, documents, cancellationToken))
        {
            run.Index(document);
            Report(++total);
        }

        run.Split();
        var files = RowTables.Pairs.WriteParts(store, folder, RowTables.Documents.Read(store, documents, cancellationToken).SelectMany(Pairs), options.RowsPerFile, cancellationToken);
        return run.TrainPairs > 0 ? new PairFiles(files, run.Counts)
            : throw new DataPrepException(
                $"No training pair comes of {total} documents with {string.Join(", ", options.Generators)}: {(run.Counts.DevQueries + run.Counts.TestQueries > 0 ? "dev and test took all that lend themselves; ask for fewer" : "none lends itself")}. The generator title needs titles and contents, lead and crop longer contents.");

        IEnumerable<Pair> Pairs(Document document)
        {
            Report(total + ++done);
            return run.Pairs(document, (int)done - 1);
        }

        void Report(long at)
        {
            if (at % 1000 == 0)
            {
                progress?.Report(new StageProgress(at, total > at ? 2 * total : 0, "documents"));
            }
        }
    }

    // The two passes: what there is, then what becomes of it.
    sealed class Generation(PairOptions options, long seed)
    {
        readonly CorpusIndex corpus = new();
        readonly IReadOnlyList<IPairGenerator> training = PairGeneratorTable.Create(options.Generators, options);
        readonly IReadOnlyList<IPairGenerator> evaluating = PairGeneratorTable.Create(options.EvaluateWith, options);
        PairSplit? split;

        internal long TrainPairs { get; private set; }

        internal PairCounts Counts => new(
            TrainPairs, split!.Queries.Values.Count(q => q.Split == "dev"), split.Queries.Values.Count(q => q.Split == "test"), split.DevAsked, split.TestAsked, split.KeptOut);

        internal void Index(Document document)
        {
            var queries = new ulong[evaluating.Count];
            for (var g = 0; g < queries.Length; g++)
            {
                queries[g] = Queries(evaluating[g], document).Select(q => CorpusIndex.Hash(q.Text)).FirstOrDefault();
            }

            corpus.Add(document, queries);
        }

        internal void Split() => split = new PairSplit(corpus, evaluating, options, seed);

        internal IEnumerable<Pair> Pairs(Document document, int ordinal)
        {
            for (var g = 0; g < evaluating.Count; g++)
            {
                if (split!.Queries.TryGetValue((g, ordinal), out var chosen))
                {
                    var query = Queries(evaluating[g], document).First();
                    foreach (var relevant in chosen.Relevant)
                    {
                        yield return new Pair(Id(evaluating[g], ordinal, 0), query.Text, corpus.Entries[relevant].DocId, relevant == ordinal ? query.Passage : null, evaluating[g].Name, chosen.Split);
                    }
                }
            }

            if (!split!.Trains(ordinal))
            {
                yield break;
            }

            foreach (var generator in training)
            {
                foreach (var (k, query) in Queries(generator, document).Index().Where(q => split.Trains(q.Item.Text)))
                {
                    TrainPairs++;
                    yield return new Pair(Id(generator, ordinal, k), query.Text, document.DocId, query.Passage, generator.Name, "train");
                }
            }
        }

        string Id(IPairGenerator generator, int ordinal, int k)
        {
            var owner = corpus.Entries[split!.Owner(generator, ordinal)].DocId;
            return k == 0 ? $"{generator.Name}:{owner}" : $"{generator.Name}#{k}:{owner}";
        }

        IEnumerable<GeneratedQuery> Queries(IPairGenerator generator, Document document) => generator.Generate(document, seed).Where(q => q.Text.Length >= options.MinQueryChars);
    }
}
