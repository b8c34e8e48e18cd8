using static TorchSharp.torch;

namespace Trainer.Evaluation;

/// <summary>Exact nearest documents by dot product, in blocks, so that memory stays below (block of queries) x (block of documents).</summary>
public static class ExactSearch
{
    const int QueryBlock = 256;
    const int DocumentBlock = 65536;

    /// <summary>The best documents of each query.</summary>
    /// <param name="queries">(Q, D).</param>
    /// <param name="documents">(N, D).</param>
    /// <param name="k">Documents per query at most.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>Per query the documents' rows and scores, best first.</returns>
    public static (int[] Rows, float[] Scores)[] TopK(Tensor queries, Tensor documents, int k, CancellationToken cancellationToken = default)
    {
        var (count, size) = ((int)queries.shape[0], documents.shape[0]);
        k = (int)Math.Min(k, size);
        var results = new (int[], float[])[count];
        for (var q = 0; q < count; q += QueryBlock)
        {
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            var block = queries.narrow(0, q, Math.Min(QueryBlock, count - q));
            Tensor? scores = null, rows = null;
            for (long d = 0; d < size; d += DocumentBlock)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var length = Math.Min(DocumentBlock, size - d);
                var (found, at) = matmul(block, documents.narrow(0, d, length).t()).topk((int)Math.Min(k, length), 1);
                at = at + d;
                if (scores is not null)
                {
                    (found, var kept) = cat([scores, found], 1).topk(Math.Min(k, (int)(scores.shape[1] + found.shape[1])), 1);
                    at = cat([rows!, at], 1).gather(1, kept);
                }

                (scores, rows) = (found.MoveToOuterDisposeScope(), at.MoveToOuterDisposeScope());
            }

            var allRows = Array.ConvertAll(rows!.data<long>().ToArray(), row => (int)row);
            var allScores = scores!.data<float>().ToArray();
            for (var i = 0; i < block.shape[0]; i++)
            {
                results[q + i] = (allRows[(i * k)..((i + 1) * k)], allScores[(i * k)..((i + 1) * k)]);
            }
        }

        return results;
    }

    /// <summary>Search results as a run.</summary>
    public static RetrievalRun ToRun((int[] Rows, float[] Scores)[] results, IReadOnlyList<DataPrep.Query> queries, IReadOnlyList<EvaluationDocument> documents)
    {
        var run = new RetrievalRun();
        for (var q = 0; q < results.Length; q++)
        {
            var (rows, scores) = results[q];
            run.Add(queries[q].QueryId, rows.Zip(scores, (row, score) => new ScoredDocument(documents[row].DocId, score)).ToList());
        }

        return run;
    }
}
