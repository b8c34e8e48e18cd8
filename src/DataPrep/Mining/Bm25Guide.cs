using DataPrep.Shards;
using DataPrep.Text;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace DataPrep.Mining;

/// <summary>BM25 over the documents as guide.</summary>
/// <param name="index">Index of the documents in corpus order.</param>
/// <param name="digest">"bm25:" and a hash of everything its scores depend on beside the corpus.</param>
/// <param name="threads">Threads that search; the answers do not depend on it.</param>
public sealed class Bm25Guide(Bm25Index index, string digest, int threads) : INegativeGuide
{
    /// <inheritdoc/>
    public string Name => "bm25";

    /// <inheritdoc/>
    public string Digest => digest;

    /// <inheritdoc/>
    public int DocumentCount => index.DocumentCount;

    /// <inheritdoc/>
    public int BlockSize => 1024;

    /// <summary>Indexes documents.</summary>
    /// <param name="documents">The corpus; positions are the ordinals.</param>
    /// <param name="analyzer">Text to terms.</param>
    /// <param name="options">Parameters of BM25; null for the defaults.</param>
    /// <param name="passage">What is indexed of a document. Default: its content.</param>
    /// <param name="threads">Threads that index and search.</param>
    /// <param name="progress">Documents indexed.</param>
    /// <param name="cancellationToken">Stops the indexing.</param>
    public static Bm25Guide Build(
        IReadOnlyList<Document> documents, IAnalyzer analyzer, Bm25Options? options = null, PassageText passage = PassageText.Content, int threads = 1,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new Bm25Options();
        var index = Bm25Index.Build(new Texts(documents, passage), analyzer, options, threads, progress, cancellationToken);
        return new Bm25Guide(index, DigestOf(analyzer, options, passage), threads);
    }

    /// <summary>The digest of a guide with these options.</summary>
    public static string DigestOf(IAnalyzer analyzer, Bm25Options options, PassageText passage) =>
        $"bm25:{StableHash.Of(0, (analyzer as WordAnalyzer)?.Signature ?? analyzer.Name, $"{options.K1:R}", $"{options.B:R}", passage.ToString()):x16}";

    /// <inheritdoc/>
    public GuideResult[] Search(IReadOnlyList<GuideQuery> block, int k, CancellationToken cancellationToken = default)
    {
        var (hits, scores) = index.SearchAll([.. block.Select(static query => query.Text)], k, [.. block.Select(static query => query.Positives)], threads, cancellationToken);
        return [.. hits.Zip(scores, static (hit, score) => new GuideResult(hit, score))];
    }

    // A collection with its count known, so that progress has a total.
    sealed class Texts(IReadOnlyList<Document> documents, PassageText passage) : IReadOnlyCollection<string>
    {
        public int Count => documents.Count;

        public IEnumerator<string> GetEnumerator() => documents.Select(document => PassageRendering.Of(document, passage)).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
