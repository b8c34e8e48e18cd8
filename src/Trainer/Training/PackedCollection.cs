using System.Text.Json;
using DataPrep;
using Trainer.Evaluation;

namespace Trainer.Training;

/// <summary>Held-out queries as plain files in BEIR layout: <c>corpus.jsonl</c>, <c>queries.jsonl</c> and <c>qrels.tsv</c>, in the collection's order.</summary>
static class PackedCollection
{
    const string Corpus = "corpus.jsonl", Queries = "queries.jsonl", Judgments = "qrels.tsv";

    public static void Write(string folder, RetrievalCollection collection)
    {
        Directory.CreateDirectory(folder);
        Lines(Path.Combine(folder, Corpus), collection.Documents.Select(d => (d.DocId, d.Text)));
        Lines(Path.Combine(folder, Queries), collection.Queries.Select(q => (q.QueryId, q.Text)));
        File.WriteAllLines(Path.Combine(folder, Judgments), ["query-id\tcorpus-id\tscore", .. collection.Qrels.Select(q => $"{q.QueryId}\t{q.DocId}\t{q.Grade}")]);
    }

    public static RetrievalCollection Read(string folder)
    {
        var files = FileSet.FromFolder(folder);
        var documents = BeirFolder.ReadQueries(files[Corpus]).Select(d => new EvaluationDocument(d.QueryId, d.Text)).ToList();
        var queries = BeirFolder.ReadQueries(files[Queries]);
        var known = documents.Select(d => d.DocId).ToHashSet(StringComparer.Ordinal);
        var asked = queries.Select(q => q.QueryId).ToHashSet(StringComparer.Ordinal);
        var qrels = new List<Qrel>();
        var number = 1;
        foreach (var line in File.ReadLines(files[Judgments]).Skip(1))
        {
            number++;
            var cells = line.Split('\t');
            qrels.Add(cells.Length == 3 && int.TryParse(cells[2], out var grade) && asked.Contains(cells[0]) && known.Contains(cells[1])
                ? new Qrel(cells[0], cells[1], grade)
                : throw new TrainerException($"{files[Judgments]} line {number}: expected the ids of a query and a document of this folder and a grade, separated by tabs; found '{line}'."));
        }

        return new RetrievalCollection(documents, queries, qrels);
    }

    static void Lines(string path, IEnumerable<(string Id, string Text)> rows)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        foreach (var (id, text) in rows)
        {
            using (var json = new Utf8JsonWriter(file))
            {
                json.WriteStartObject();
                json.WriteString("_id", id);
                json.WriteString("text", text);
                json.WriteEndObject();
            }

            file.WriteByte((byte)'\n');
        }
    }
}
