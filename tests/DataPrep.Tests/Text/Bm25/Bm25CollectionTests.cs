using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Text.Bm25;

/// <summary>Effectiveness on judged collections against the figures of an independent simple implementation.</summary>
public sealed class Bm25CollectionTests(ITestOutputHelper output)
{
    // The reference listed all 82 documents of adi, those without a common term too, and so had a recall of 1; ours skips them, which leaves .91.
    [Theory]
    [InlineData("adi", "qrels.tsv", "english", 0.4743, 0.9100, 0.5967)]
    [InlineData("cacm", "qrels.tsv", "english", 0.4567, 0.6300, 0.7050)]
    [InlineData("cisi", "qrels.tsv", "english", 0.3745, 0.4404, 0.5883)]
    [InlineData("cranfield", "qrels.tsv", "english", 0.3453, 0.7254, 0.4919)]
    [InlineData("cranfield", "qrels_binary_all1837.tsv", "english", 0.5002, 0.7471, 0.7857)]
    [InlineData("med", "qrels.tsv", "english", 0.6855, 0.7818, 0.8964)]
    [InlineData("time", "qrels.tsv", "english", 0.7530, 0.9676, 0.7852)]
    [InlineData("xquad/en", "qrels.tsv", "english", 0.9681, 0.9975, 0.9593)]
    [InlineData("drcd-zh-tw", "qrels.tsv", "cjk", 0.9537, 0.9993, 0.9412)]
    [InlineData("jaquad-ja-dev", "qrels.tsv", "cjk", 0.9127, 0.9990, 0.8895)]
    public void Bm25Index_ReachesTheReference_OnAJudgedCollection(string name, string qrelsFile, string analyzer, double ndcg, double recall, double mrr)
    {
        var collection = Collection.Read(name, qrelsFile);
        var index = Bm25Index.Build(collection.Documents, AnalyzerTable.Create(analyzer), threads: 2, cancellationToken: TestContext.Current.CancellationToken);
        var hits = index.SearchAll(collection.Queries, 100, 2, TestContext.Current.CancellationToken);
        var (ndcgSum, recallSum, mrrSum, judged) = (0.0, 0.0, 0.0, 0);
        for (var q = 0; q < hits.Length; q++)
        {
            var grades = collection.Qrels.GetValueOrDefault(collection.QueryIds[q]) ?? [];
            var ideal = grades.Values.Where(grade => grade > 0).OrderDescending().ToArray();
            if (ideal.Length == 0)
            {
                continue;
            }

            judged++;
            var gains = hits[q].Select(hit => Math.Max(0, grades.GetValueOrDefault(collection.DocIds[hit.Document]))).ToArray();
            ndcgSum += Dcg(gains) / Dcg(ideal);
            recallSum += gains.Count(gain => gain > 0) / (double)ideal.Length;
            mrrSum += Array.FindIndex(gains, gain => gain > 0) is >= 0 and < 10 and var first ? 1.0 / (first + 1) : 0;
        }

        output.WriteLine($"{name}: nDCG@10 {ndcgSum / judged:f4} ({ndcg}) Recall@100 {recallSum / judged:f4} ({recall}) MRR@10 {mrrSum / judged:f4} ({mrr}) queries {judged}");
        Assert.InRange(ndcgSum / judged, ndcg - 0.015, 1);
        Assert.InRange(recallSum / judged, recall - 0.03, 1);
        Assert.InRange(mrrSum / judged, mrr - 0.03, 1);
    }

    static double Dcg(int[] gains) => gains.Take(10).Select((gain, rank) => gain / Math.Log2(rank + 2)).Sum();
}
