using Trainer.Training;
using Workflow.Reports.Svg;

namespace Workflow.Reports;

/// <summary>
/// Everything a report shows, as plain values: the same model gives the same bytes. All text may come from corpora and job files; it is shown as text, never as markup.
/// Parts left empty are left out of the page.
/// </summary>
public sealed record ReportModel
{
    /// <summary>Name of the job.</summary>
    public required string Title { get; init; }

    /// <summary>What the job does, from the job file.</summary>
    public string Description { get; init; } = "";

    /// <summary>The sentence that the page leads with; null takes the one that <see cref="LeadSentence"/> makes of the scores.</summary>
    public string? Answer { get; init; }

    /// <summary>Effective settings, grouped by stage.</summary>
    public IReadOnlyList<ReportSetting> Settings { get; init; } = [];

    /// <summary>The corpus and what became of it.</summary>
    public ReportCorpus? Corpus { get; init; }

    /// <summary>Scores of each round, the last one being the result.</summary>
    public IReadOnlyList<ReportRound> Rounds { get; init; } = [];

    /// <summary>Paired differences between systems on the same queries.</summary>
    public IReadOnlyList<ReportDifference> Differences { get; init; } = [];

    /// <summary>What each round of training measured.</summary>
    public IReadOnlyList<ReportTraining> Trainings { get; init; } = [];

    /// <summary>What each mining round found and left out.</summary>
    public IReadOnlyList<ReportMining> Mining { get; init; } = [];

    /// <summary>Stages and artifacts, and what was made from what.</summary>
    public ReportLineage? Lineage { get; init; }

    /// <summary>Rows to look at.</summary>
    public IReadOnlyList<ReportSample> Samples { get; init; } = [];

    /// <summary>Queries where the model gains or loses most.</summary>
    public IReadOnlyList<ReportQuery> Queries { get; init; } = [];

    /// <summary>Remarks that a reader needs to judge the figures: definitions, tie rules, limits.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>An effective setting: group (a stage's name, or "job"), name and value as text.</summary>
public sealed record ReportSetting(string Group, string Name, string Value);

/// <summary>A named count.</summary>
public sealed record ReportCount(string Name, long Count);

/// <summary>Pairs that one generator made for one split.</summary>
public sealed record ReportPairs(string Generator, string Split, long Count);

/// <summary>Facts of the corpus.</summary>
public sealed record ReportCorpus
{
    /// <summary>Documents kept.</summary>
    public long Documents { get; init; }

    /// <summary>Rows read from the sources; 0 where not known.</summary>
    public long Read { get; init; }

    /// <summary>Exact and near duplicates folded into another document.</summary>
    public long Duplicates { get; init; }

    /// <summary>Rejected rows by reason.</summary>
    public IReadOnlyList<ReportCount> Rejects { get; init; } = [];

    /// <summary>Pairs by generator and split.</summary>
    public IReadOnlyList<ReportPairs> Pairs { get; init; } = [];

    /// <summary>Hard negatives by the rule that admitted them.</summary>
    public IReadOnlyList<ReportCount> Negatives { get; init; } = [];

    /// <summary>Shards written.</summary>
    public int Shards { get; init; }

    /// <summary>Rows over all shards.</summary>
    public long ShardRows { get; init; }
}

/// <summary>A score of a system on a metric, with its 95 % interval where one was computed.</summary>
/// <param name="System">"bm25", "model", "hybrid".</param>
/// <param name="Metric">"ndcg@10", "mrr@10", "recall@100".</param>
/// <param name="Value">Mean over the queries.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end.</param>
public sealed record ReportScore(string System, string Metric, double Value, double? Low = null, double? High = null);

/// <summary>One round of training and its evaluation.</summary>
/// <param name="Name">"round 0", "round 1".</param>
/// <param name="Collection">What was searched: "test queries of unseen types".</param>
/// <param name="Queries">Queries scored.</param>
/// <param name="Scores">Scores of every system and metric.</param>
public sealed record ReportRound(string Name, string Collection, long Queries, IReadOnlyList<ReportScore> Scores);

/// <summary>The mean difference of two systems over the same queries (paired bootstrap).</summary>
/// <param name="System">The system of interest.</param>
/// <param name="Baseline">What it is compared with.</param>
/// <param name="Metric">Metric.</param>
/// <param name="Value">Mean of (system - baseline).</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="P">Two-sided p-value; null where not computed.</param>
public sealed record ReportDifference(string System, string Baseline, string Metric, double Value, double Low, double High, double? P = null);

/// <summary>A round of training.</summary>
/// <param name="Name">"round 0".</param>
/// <param name="Log">Its series, histograms and marks, as the model's artifact holds them.</param>
public sealed record ReportTraining(string Name, TrainingLog Log);

/// <summary>Distributions over the same bins.</summary>
/// <param name="Title">"step 0".</param>
/// <param name="Low">Left edge of the first bin.</param>
/// <param name="High">Right edge of the last bin.</param>
/// <param name="Series">Counts by kind.</param>
/// <param name="Axis">Name of the axis: "cosine", "BM25 score".</param>
public sealed record ReportHistogram(string Title, double Low, double High, IReadOnlyList<HistogramSeries> Series, string Axis = "cosine");

/// <summary>A mining round.</summary>
/// <param name="Title">"round 1, guide: model of round 0".</param>
/// <param name="Facts">Facts as text: guide digest, margin, negatives per query.</param>
/// <param name="Scores">Score distributions of positives, kept and left-out candidates.</param>
/// <param name="Skips">Candidates left out, by rule.</param>
public sealed record ReportMining(string Title, IReadOnlyList<ReportSetting> Facts, IReadOnlyList<ReportHistogram> Scores, IReadOnlyList<ReportCount> Skips);

/// <summary>The graph of a run: boxes are stages or artifacts.</summary>
public sealed record ReportLineage(IReadOnlyList<ReportNode> Nodes, IReadOnlyList<(string From, string To)> Edges);

/// <summary>A stage or an artifact of the graph.</summary>
/// <param name="Id">Unique in the graph.</param>
/// <param name="Kind">"stage" or "artifact".</param>
/// <param name="Label">Name of the stage, or kind of the artifact.</param>
/// <param name="Hash">Full hash of the artifact; empty for a stage.</param>
/// <param name="Detail">Rows, version: shown in the table below the graph.</param>
public sealed record ReportNode(string Id, string Kind, string Label, string Hash = "", string Detail = "");

/// <summary>Rows of an artifact to look at.</summary>
public sealed record ReportSample(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A query as two systems saw it.</summary>
/// <param name="Query">Its text.</param>
/// <param name="Baseline">Score of the baseline on <paramref name="Metric"/>.</param>
/// <param name="Model">Score of the model.</param>
/// <param name="Metric">Metric of the scores.</param>
/// <param name="Expected">A relevant document.</param>
/// <param name="Found">What the model put first.</param>
public sealed record ReportQuery(string Query, double Baseline, double Model, string Metric, string Expected = "", string Found = "");
