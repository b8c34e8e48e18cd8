using System.Globalization;
using DataPrep;

namespace Trainer.Evaluation;

/// <summary>
/// Reads judgments and runs from text files. Qrels: tab-separated query, document, grade with or without a header (BEIR), or trec's four columns
/// (query, 0, document, grade). Runs: trec's six columns (query, Q0, document, rank, score, tag); line order and rank are ignored, scores are doubles.
/// </summary>
public static class TrecFiles
{
    static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Reads a qrels file.</summary>
    /// <exception cref="TrainerException">The file is missing, a line has other columns, a grade is no whole number, or nothing is judged.</exception>
    public static IReadOnlyList<Qrel> ReadQrels(string path)
    {
        var qrels = new List<Qrel>();
        foreach (var (number, line) in Lines(path))
        {
            // Ids of tab-separated files may hold blanks.
            var columns = line.Contains('\t') && line.Split('\t') is { Length: 3 or 4 } tabs ? tabs : line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length is not (3 or 4))
            {
                throw Bad(path, number, $"{columns.Length} columns", "query, document, grade separated by tabs, or trec's query, 0, document, grade");
            }

            if (!int.TryParse(columns[^1].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var grade))
            {
                if (number == 1)
                {
                    continue; // a header
                }

                throw Bad(path, number, $"grade '{columns[^1]}'", "a whole number");
            }

            qrels.Add(new Qrel(columns[0], columns[^2], grade));
        }

        return qrels.Count > 0 ? qrels : throw new TrainerException($"{path} holds no judgment; expected lines of query, document and grade.");
    }

    /// <summary>Reads a run file.</summary>
    /// <exception cref="TrainerException">The file is missing, a line has other columns, a score is no number, or a document is listed twice for a query.</exception>
    public static RetrievalRun ReadRun(string path)
    {
        var lists = new Dictionary<string, List<ScoredDocument>>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(path))
        {
            var columns = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length != 6)
            {
                throw Bad(path, number, $"{columns.Length} columns", "trec's six: query, Q0, document, rank, score, tag");
            }

            if (!double.TryParse(columns[4], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) || double.IsNaN(score))
            {
                throw Bad(path, number, $"score '{columns[4]}'", "a number");
            }

            if (!lists.TryGetValue(columns[0], out var list))
            {
                lists[columns[0]] = list = [];
            }

            list.Add(new ScoredDocument(columns[2], score));
        }

        var run = new RetrievalRun();
        foreach (var (queryId, list) in lists)
        {
            run.Add(queryId, list);
        }

        return run;
    }

    /// <summary>Writes a run in trec's six columns, queries in ordinal order, best document first.</summary>
    public static void WriteRun(string path, RetrievalRun run, string tag, MetricProfile profile = MetricProfile.Trec)
    {
        using var writer = new StreamWriter(path) { NewLine = "\n" };
        foreach (var queryId in run.QueryIds.Order(StringComparer.Ordinal))
        {
            var rank = 0;
            foreach (var (docId, score) in RetrievalRun.Rank(run[queryId]!, profile))
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{queryId} Q0 {docId} {++rank} {score:R} {tag}"));
            }
        }
    }

    static IEnumerable<(int Number, string Line)> Lines(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainerException($"{path} does not exist; expected a qrels or run file.");
        }

        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Trim().Length > 0)
            {
                yield return (number, line.TrimEnd('\r').TrimStart('\uFEFF'));
            }
        }
    }

    static TrainerException Bad(string path, int line, string found, string expected) => new($"{path} line {line}: found {found}; expected {expected}.");
}
