namespace DataPrep;

/// <summary>A document of the corpus. Key: <see cref="DocId"/>.</summary>
/// <param name="DocId">Unique id within the corpus.</param>
/// <param name="Title">Cleaned title; empty where the source has none.</param>
/// <param name="Content">Cleaned body without the title; may be empty for a title-only document.</param>
/// <param name="Lang">BCP 47 language tag, or empty.</param>
/// <param name="Source">The source file, relative to its root, with forward slashes.</param>
/// <param name="SourceRow">Zero-based row (line, member) within the source file.</param>
/// <param name="ContentHash">Lower-case hex of the SHA-256 (first 16 bytes) of the cleaned content.</param>
/// <param name="Group">Key that splits keep together: the declaring type for API references, the source's own group, or the document's duplicate cluster; never empty.</param>
public sealed record Document(string DocId, string Title, string Content, string Lang, string Source, long SourceRow, string ContentHash, string Group);

/// <summary>A row that could not be used, and why.</summary>
public sealed record Reject(string Source, long SourceRow, string Reason, string Detail);

/// <summary>A document that has the same content as another: <see cref="Cluster"/> is the doc id of the first of them in corpus order. Only clusters of two and more are listed; kind is "exact" or "near".</summary>
public sealed record Duplicate(string DocId, string Cluster, string Kind);

/// <summary>A query and one document relevant to it. Key: (<see cref="QueryId"/>, <see cref="DocId"/>).</summary>
/// <param name="QueryId">Unique id of the query.</param>
/// <param name="Query">Text of the query.</param>
/// <param name="DocId">The relevant document.</param>
/// <param name="Passage">The positive's text where it differs from the document's content (a crop removed, a lead sentence taken out); null means the content.</param>
/// <param name="Generator">What made the pair: title, lead, crop, qrels.</param>
/// <param name="Split">train, dev or test. In dev and test every relevant document of a query has its row.</param>
/// <param name="Grade">Relevance grade; 1 where generated.</param>
public sealed record Pair(string QueryId, string Query, string DocId, string? Passage, string Generator, string Split, int Grade = 1);

/// <summary>One mined negative. Key: (<see cref="QueryId"/>, <see cref="PositiveDocId"/>, <see cref="NegativeDocId"/>).</summary>
/// <param name="QueryId">The query.</param>
/// <param name="PositiveDocId">The positive the negative was mined against.</param>
/// <param name="NegativeDocId">The negative.</param>
/// <param name="Score">The guide's score of (query, negative).</param>
/// <param name="PositiveScore">The guide's score of (query, positive): the anchor of the margins.</param>
/// <param name="Rank">Zero-based rank among the guide's results with positives removed.</param>
/// <param name="Miner">"bm25" or "dense".</param>
/// <param name="Rule">The rule that admitted it, for example "range 0-50 relative_margin 0.05".</param>
/// <param name="Guide">Digest of the guide: artifact hash of the embeddings, or "bm25:" and a hash of its options.</param>
public sealed record Negative(string QueryId, string PositiveDocId, string NegativeDocId, float Score, float PositiveScore, int Rank, string Miner, string Rule, string Guide);

/// <summary>A teacher's score of a query and a document. Key: (<see cref="QueryId"/>, <see cref="DocId"/>).</summary>
/// <param name="QueryId">The query.</param>
/// <param name="DocId">The document: a positive or a negative of the query.</param>
/// <param name="Score">The score, in the teacher's own units; finite.</param>
public sealed record TeacherScore(string QueryId, string DocId, float Score);

/// <summary>A training row of a shard. Key: <see cref="Ordinal"/>. Passages are ordinals into the passages file of the same shard.</summary>
/// <param name="Ordinal">Position in the seeded global order.</param>
/// <param name="QueryId">The query.</param>
/// <param name="Query">Text of the query.</param>
/// <param name="DocId">The positive document.</param>
/// <param name="Positive">Text of the positive where it is not the passage's own; null means passage <see cref="PositivePassage"/>.</param>
/// <param name="PositivePassage">Ordinal of the positive in the shard's passages.</param>
/// <param name="NegativePassages">Ordinals of the hard negatives in the shard's passages.</param>
/// <param name="Generator">Pair generator.</param>
/// <param name="Source">Source file of the positive document.</param>
/// <param name="SourceRow">Row in the source file.</param>
/// <param name="Miner">Miner of the negatives; empty where there are none.</param>
/// <param name="Guide">Guide digest of the negatives; empty where there are none.</param>
/// <param name="Bucket">Length bucket.</param>
public sealed record TrainingRow(long Ordinal, string QueryId, string Query, string DocId, string? Positive, long PositivePassage, long[] NegativePassages,
    string Generator, string Source, long SourceRow, string Miner, string Guide, int Bucket);

/// <summary>A passage of a shard. Key: <see cref="Ordinal"/>.</summary>
public sealed record ShardPassage(long Ordinal, string DocId, string Text, string Cluster);

/// <summary>One embedding. Key: <see cref="Id"/>; <see cref="TextHash"/> and the manifest's encoder digest make it reusable.</summary>
public sealed record Embedding(string Id, string TextHash, float[] Vector);

/// <summary>A judged (query, document) pair of an evaluation collection.</summary>
public sealed record Qrel(string QueryId, string DocId, int Grade);

/// <summary>A query of an evaluation collection.</summary>
public sealed record Query(string QueryId, string Text);
