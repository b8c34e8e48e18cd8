using System.Text.Json;
using DataPrep;

namespace Trainer.Evaluation;

/// <summary>Queries and judgments of a collection in BEIR layout: <c>queries.jsonl</c>, and <c>qrels.tsv</c> or <c>qrels/test.tsv</c>.</summary>
public static class BeirFolder
{
    /// <summary>Reads the queries file: one JSON object {"_id", "text"} per line.</summary>
    /// <exception cref="TrainerException">The file is missing, a line is not such an object, or an id occurs twice.</exception>
    public static IReadOnlyList<Query> ReadQueries(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainerException($"{path} does not exist; expected queries in BEIR layout, one JSON object with _id and text per line.");
        }

        var queries = new List<Query>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Trim().Length == 0)
            {
                continue;
            }

            Query query;
            try
            {
                using var json = JsonDocument.Parse(line);
                query = new Query(json.RootElement.GetProperty("_id").GetString()!, json.RootElement.GetProperty("text").GetString() ?? "");
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new TrainerException($"{path} line {number}: expected a JSON object with the strings _id and text ({error.Message}).", error);
            }

            queries.Add(seen.Add(query.QueryId) ? query : throw new TrainerException($"{path} line {number}: query id '{query.QueryId}' occurs twice."));
        }

        return queries;
    }

    /// <summary>Finds a collection's judgments: qrels.tsv, else qrels/test.tsv.</summary>
    /// <exception cref="TrainerException">Neither is there.</exception>
    public static string QrelsPath(string folder)
    {
        string[] candidates = [Path.Combine(folder, "qrels.tsv"), Path.Combine(folder, "qrels", "test.tsv")];
        return candidates.FirstOrDefault(File.Exists) ?? throw new TrainerException($"{folder} has neither qrels.tsv nor qrels/test.tsv; expected judgments in BEIR layout.");
    }
}
