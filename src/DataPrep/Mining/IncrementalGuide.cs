using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DataPrep.Text;
using DataPrep.Text.Bm25;

namespace DataPrep.Mining;

/// <summary>
/// A dense guide that goes on from an earlier mining. It answers what <see cref="DenseGuide"/> answers, bit for bit: a query that had a list is compared with the new documents alone and the two are merged;
/// it is searched over all documents where the list lost a document or is shorter than asked. What has the same id and the same vector is the same document or query; where documents that
/// stayed changed places, the earlier lists are of no use, for ties go by place.
/// </summary>
public sealed class IncrementalGuide : INegativeGuide
{
    readonly DenseGuide whole;
    readonly int threads;
    readonly CandidateHistory? history;
    readonly int[] moved;
    readonly int[] fresh;
    readonly DenseTopK? among;
    readonly string[] queryVectors;
    readonly List<CandidateList> lists = [];
    long searched, merged, kept;

    /// <param name="whole">The guide over all documents.</param>
    /// <param name="history">The earlier mining; null searches every query over all documents.</param>
    /// <param name="threads">Threads; the answers do not depend on it.</param>
    public IncrementalGuide(DenseGuide whole, CandidateHistory? history, int threads)
    {
        (this.whole, this.threads) = (whole, threads);
        Documents = [.. Fingerprints(whole.Documents, threads).Select((vector, row) => new RankedDocument(whole.Documents.Ids[row], vector))];
        queryVectors = Fingerprints(whole.Queries, threads);
        (moved, fresh) = history is null ? ([], []) : Compare(history.Documents);
        if (history is null || !InOrder(moved))
        {
            return;
        }

        this.history = history;
        var (width, all) = (whole.Documents.Dimensions, whole.Documents.Values);
        var rows = new float[fresh.Length * width];
        for (var i = 0; i < fresh.Length; i++)
        {
            all.AsSpan(fresh[i] * width, width).CopyTo(rows.AsSpan(i * width));
        }

        among = new DenseTopK(rows, width, threads);
    }

    /// <summary>The documents, as the next mining wants them.</summary>
    public IReadOnlyList<RankedDocument> Documents { get; }

    /// <summary>The lists of every query asked so far, in the order they were asked.</summary>
    public IReadOnlyList<CandidateList> Lists => lists;

    /// <summary>How it answered so far.</summary>
    public IncrementalCounts Counts => new(searched, merged, kept);

    /// <summary>Documents that the earlier mining did not have, or had with another vector; all of them where it is of no use.</summary>
    public int FreshDocuments => history is null ? Documents.Count : fresh.Length;

    /// <inheritdoc/>
    public string Name => whole.Name;

    /// <inheritdoc/>
    public string Digest => whole.Digest;

    /// <inheritdoc/>
    public int DocumentCount => whole.DocumentCount;

    /// <inheritdoc/>
    public int BlockSize => whole.BlockSize;

    /// <inheritdoc/>
    public GuideResult[] Search(IReadOnlyList<GuideQuery> block, int k, CancellationToken cancellationToken = default)
    {
        var depths = block.Select(query => Math.Min(Math.Min(query.Depth, k), DocumentCount)).ToArray();
        var earlier = block.Select((query, q) => Earlier(query, depths[q])).ToArray();
        var hits = new Hit[block.Count][];
        Merge(block, depths, earlier, hits, cancellationToken);
        SearchAll(block, depths, [.. Enumerable.Range(0, block.Count).Where(q => earlier[q] is null)], hits, cancellationToken);
        for (var q = 0; q < block.Count; q++)
        {
            lists.Add(new CandidateList(
                block[q].QueryId, queryVectors[whole.Queries.RowOf(block[q].QueryId)], Array.ConvertAll(hits[q], hit => (long)hit.Document), Array.ConvertAll(hits[q], hit => hit.Score)));
        }

        return [.. hits.Select((found, q) => new GuideResult(found, whole.Scores(block[q])))];
    }

    // The earlier list of a query with today's ordinals, where the best of all earlier documents that are still there can be told from it; else null.
    Hit[]? Earlier(GuideQuery query, int depth)
    {
        var row = whole.Queries.RowOf(query.QueryId);
        if (row < 0 || history?.Of(query.QueryId) is not { } list || list.Vector != queryVectors[row])
        {
            return null;
        }

        var stayed = new List<Hit>(list.Documents.Length);
        for (var i = 0; i < list.Documents.Length; i++)
        {
            if (moved[list.Documents[i]] is var document and >= 0)
            {
                stayed.Add(new Hit(document, list.Scores[i]));
            }
        }

        var holdsAll = list.Documents.Length == history.Documents.Count;
        return holdsAll || (stayed.Count == list.Documents.Length && stayed.Count >= depth) ? [.. stayed] : null;
    }

    void Merge(IReadOnlyList<GuideQuery> block, int[] depths, Hit[]?[] earlier, Hit[][] hits, CancellationToken cancellationToken)
    {
        var known = Enumerable.Range(0, block.Count).Where(q => earlier[q] is not null).ToArray();
        if (known.Length == 0)
        {
            return;
        }

        var found = among!.Search(whole.Vectors([.. known.Select(q => block[q])]), known.Max(q => depths[q]), cancellationToken);
        for (var i = 0; i < known.Length; i++)
        {
            var (q, old) = (known[i], earlier[known[i]]!);
            hits[q] = Merge(old, found[i], depths[q], out var entered);
            _ = entered ? merged++ : kept++;
        }
    }

    // Both lists are sorted by score, then ordinal; so is the result.
    Hit[] Merge(Hit[] old, Hit[] found, int depth, out bool entered)
    {
        var result = new Hit[Math.Min(depth, old.Length + found.Length)];
        var (o, f) = (0, 0);
        for (var i = 0; i < result.Length; i++)
        {
            var candidate = f < found.Length ? found[f] with { Document = fresh[found[f].Document] } : default;
            var takeOld = o < old.Length && (f == found.Length || old[o].Score > candidate.Score || (old[o].Score == candidate.Score && old[o].Document < candidate.Document));
            result[i] = takeOld ? old[o++] : candidate;
            f += takeOld ? 0 : 1;
        }

        entered = f > 0;
        return result;
    }

    void SearchAll(IReadOnlyList<GuideQuery> block, int[] depths, int[] open, Hit[][] hits, CancellationToken cancellationToken)
    {
        if (open.Length == 0)
        {
            return;
        }

        var results = whole.Search([.. open.Select(q => block[q])], open.Max(q => depths[q]), cancellationToken);
        for (var i = 0; i < open.Length; i++)
        {
            hits[open[i]] = results[i].Hits[..Math.Min(depths[open[i]], results[i].Hits.Length)];
        }

        searched += open.Length;
    }

    // Today's ordinal of every earlier document (-1: gone, or another vector), and the ordinals of those that are new.
    (int[] Moved, int[] Fresh) Compare(IReadOnlyList<RankedDocument> before)
    {
        var now = new bool[Documents.Count];
        var moved = new int[before.Count];
        for (var i = 0; i < before.Count; i++)
        {
            var row = whole.Documents.RowOf(before[i].DocId);
            moved[i] = row >= 0 && Documents[row].Vector == before[i].Vector ? row : -1;
            if (moved[i] >= 0)
            {
                now[moved[i]] = true;
            }
        }

        return (moved, [.. Enumerable.Range(0, now.Length).Where(row => !now[row])]);
    }

    static bool InOrder(int[] moved)
    {
        var last = -1;
        foreach (var row in moved.Where(row => row >= 0))
        {
            if (row < last)
            {
                return false;
            }

            last = row;
        }

        return true;
    }

    // First 16 bytes of the SHA-256 of the vector's bytes: equal vectors have equal scores, whatever model, text or machine they come from.
    static string[] Fingerprints(EmbeddingMatrix matrix, int threads)
    {
        var prints = new string[matrix.Count];
        Workers.For(matrix.Count, threads, row => prints[row] = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(matrix[row])).AsSpan(0, 16)));
        return prints;
    }
}
