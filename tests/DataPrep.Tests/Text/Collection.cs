using System.IO.Compression;
using System.Text.Json;

namespace DataPrep.Tests.Text;

/// <summary>A judged collection in BEIR layout, small enough to hold.</summary>
sealed record Collection(string[] DocIds, string[] Documents, string[] QueryIds, string[] Queries, Dictionary<string, Dictionary<string, int>> Qrels)
{
    public static Collection Read(string name, string qrelsFile = "qrels.tsv")
    {
        var folder = SharedFolder.Path($"data/{name}");
        var (docIds, documents) = Rows(System.IO.Path.Combine(folder, "corpus.jsonl"));
        var (queryIds, queries) = Rows(System.IO.Path.Combine(folder, "queries.jsonl"));
        var qrels = new Dictionary<string, Dictionary<string, int>>();
        foreach (var line in File.ReadLines(System.IO.Path.Combine(folder, qrelsFile)).Skip(1))
        {
            var fields = line.Split('\t');
            if (!qrels.TryGetValue(fields[0], out var grades))
            {
                qrels[fields[0]] = grades = [];
            }

            grades[fields[1]] = int.Parse(fields[2]);
        }

        return new Collection(docIds, documents, queryIds, queries, qrels);
    }

    /// <summary>Ids and texts (title, space, text) of a JSONL file, compressed where only that is there.</summary>
    public static (string[] Ids, string[] Texts) Rows(string path)
    {
        var ids = new List<string>();
        var texts = new List<string>();
        using Stream file = File.Exists(path) ? File.OpenRead(path) : new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            ids.Add(row.RootElement.GetProperty("_id").GetString()!);
            var title = row.RootElement.TryGetProperty("title", out var value) ? value.GetString() : string.Empty;
            texts.Add($"{title} {row.RootElement.GetProperty("text").GetString()}".Trim());
        }

        return ([.. ids], [.. texts]);
    }
}
