namespace Trainer.Evaluation;

/// <summary>Which tool's conventions produced a number; the two differ in gains, ties and in the queries that count.</summary>
public enum MetricProfile
{
    /// <summary>
    /// trec_eval (and BEIR's, by pytrec_eval): linear gains, relevant from grade 1, score ties by document id descending (ordinal),
    /// <c>map@k</c> over all relevant documents, mean over the queries in both files; a judged query without a relevant document counts 0.
    /// </summary>
    Trec,

    /// <summary>
    /// sentence-transformers' InformationRetrievalEvaluator: binary gains, relevant from grade 1, score ties by document id ascending (ordinal),
    /// <c>map@k</c> over min(k, relevant), queries without a relevant document left out; a query missing from the run counts 0.
    /// </summary>
    SentenceTransformers,
}
