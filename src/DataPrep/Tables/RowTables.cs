namespace DataPrep.Tables;

/// <summary>The table of each row type: its columns, in file order.</summary>
public static class RowTables
{
    /// <summary>Documents of a corpus.</summary>
    public static RowTable<Document> Documents { get; } = new("documents",
        new RowColumns<Document>()
            .String("doc_id", d => d.DocId)
            .String("title", d => d.Title)
            .String("content", d => d.Content)
            .String("lang", d => d.Lang)
            .String("source", d => d.Source)
            .Int64("source_row", d => d.SourceRow)
            .String("content_hash", d => d.ContentHash)
            .String("group", d => d.Group),
        c => new Document(c.String(0), c.String(1), c.String(2), c.String(3), c.String(4), c.Int64(5), c.String(6), c.String(7)));

    /// <summary>Rows that could not be used.</summary>
    public static RowTable<Reject> Rejects { get; } = new("rejects",
        new RowColumns<Reject>()
            .String("source", r => r.Source)
            .Int64("source_row", r => r.SourceRow)
            .String("reason", r => r.Reason)
            .String("detail", r => r.Detail),
        c => new Reject(c.String(0), c.Int64(1), c.String(2), c.String(3)));

    /// <summary>Documents with the same content as another.</summary>
    public static RowTable<Duplicate> Duplicates { get; } = new("duplicates",
        new RowColumns<Duplicate>()
            .String("doc_id", d => d.DocId)
            .String("cluster", d => d.Cluster)
            .String("kind", d => d.Kind),
        c => new Duplicate(c.String(0), c.String(1), c.String(2)));

    /// <summary>Queries with their relevant documents.</summary>
    public static RowTable<Pair> Pairs { get; } = new("pairs",
        new RowColumns<Pair>()
            .String("query_id", p => p.QueryId)
            .String("query", p => p.Query)
            .String("doc_id", p => p.DocId)
            .String("passage", p => p.Passage)
            .String("generator", p => p.Generator)
            .String("split", p => p.Split)
            .Int32("grade", p => p.Grade),
        c => new Pair(c.String(0), c.String(1), c.String(2), c.OptionalString(3), c.String(4), c.String(5), c.Int32(6)));

    /// <summary>Mined negatives.</summary>
    public static RowTable<Negative> Negatives { get; } = new("negatives",
        new RowColumns<Negative>()
            .String("query_id", n => n.QueryId)
            .String("positive_doc_id", n => n.PositiveDocId)
            .String("negative_doc_id", n => n.NegativeDocId)
            .Float32("score", n => n.Score)
            .Float32("positive_score", n => n.PositiveScore)
            .Int32("rank", n => n.Rank)
            .String("miner", n => n.Miner)
            .String("rule", n => n.Rule)
            .String("guide", n => n.Guide),
        c => new Negative(c.String(0), c.String(1), c.String(2), c.Float32(3), c.Float32(4), c.Int32(5), c.String(6), c.String(7), c.String(8)));

    /// <summary>Scores of a teacher.</summary>
    public static RowTable<TeacherScore> TeacherScores { get; } = new("teacher scores",
        new RowColumns<TeacherScore>()
            .String("query_id", s => s.QueryId)
            .String("doc_id", s => s.DocId)
            .Float32("score", s => s.Score),
        c => new TeacherScore(c.String(0), c.String(1), c.Float32(2)));

    /// <summary>Training rows of a shard.</summary>
    public static RowTable<TrainingRow> TrainingRows { get; } = new("training rows",
        new RowColumns<TrainingRow>()
            .Int64("ordinal", r => r.Ordinal)
            .String("query_id", r => r.QueryId)
            .String("query", r => r.Query)
            .String("doc_id", r => r.DocId)
            .String("positive", r => r.Positive)
            .Int64("positive_passage", r => r.PositivePassage)
            .Int64List("negative_passages", r => r.NegativePassages)
            .String("generator", r => r.Generator)
            .String("source", r => r.Source)
            .Int64("source_row", r => r.SourceRow)
            .String("miner", r => r.Miner)
            .String("guide", r => r.Guide)
            .Int32("bucket", r => r.Bucket),
        c => new TrainingRow(c.Int64(0), c.String(1), c.String(2), c.String(3), c.OptionalString(4), c.Int64(5), c.Int64List(6), c.String(7), c.String(8), c.Int64(9), c.String(10), c.String(11), c.Int32(12)));

    /// <summary>Passages of a shard.</summary>
    public static RowTable<ShardPassage> Passages { get; } = new("passages",
        new RowColumns<ShardPassage>()
            .Int64("ordinal", p => p.Ordinal)
            .String("doc_id", p => p.DocId)
            .String("text", p => p.Text)
            .String("cluster", p => p.Cluster),
        c => new ShardPassage(c.Int64(0), c.String(1), c.String(2), c.String(3)));

    /// <summary>Embeddings.</summary>
    public static RowTable<Embedding> Embeddings { get; } = new("embeddings",
        new RowColumns<Embedding>()
            .String("id", e => e.Id)
            .String("text_hash", e => e.TextHash)
            .Vector("vector", e => e.Vector),
        c => new Embedding(c.String(0), c.String(1), c.Vector(2)));

    /// <summary>Judged pairs.</summary>
    public static RowTable<Qrel> Qrels { get; } = new("qrels",
        new RowColumns<Qrel>()
            .String("query_id", q => q.QueryId)
            .String("doc_id", q => q.DocId)
            .Int32("grade", q => q.Grade),
        c => new Qrel(c.String(0), c.String(1), c.Int32(2)));

    /// <summary>Queries of an evaluation collection.</summary>
    public static RowTable<Query> Queries { get; } = new("queries",
        new RowColumns<Query>()
            .String("query_id", q => q.QueryId)
            .String("text", q => q.Text),
        c => new Query(c.String(0), c.String(1)));
}
