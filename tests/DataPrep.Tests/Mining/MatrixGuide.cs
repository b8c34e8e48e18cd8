using DataPrep.Mining;
using DataPrep.Text.Bm25;

namespace DataPrep.Tests.Mining;

/// <summary>A guide whose scores are given: query "q7" has row 7.</summary>
sealed class MatrixGuide(float[][] scores) : INegativeGuide
{
    public string Name => "matrix";

    public string Digest => "matrix:1";

    public int DocumentCount => scores[0].Length;

    public int BlockSize => 5;

    public int[] Asked { get; } = new int[scores.Length];

    public GuideResult[] Search(IReadOnlyList<GuideQuery> block, int k, CancellationToken cancellationToken = default) =>
        [.. block.Select(query =>
        {
            var row = int.Parse(query.QueryId[1..]);
            Asked[row]++;
            var hits = scores[row].Select((score, document) => new Hit(document, score)).OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Document).Take(k).ToArray();
            return new GuideResult(hits, [.. query.Positives.Select(positive => scores[row][positive])]);
        })];
}
