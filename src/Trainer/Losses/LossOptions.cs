using System.ComponentModel.DataAnnotations;

namespace Trainer.Losses;

/// <summary>A loss and its parameters. A parameter that the kind does not have is refused; what is left out has the kind's default.</summary>
public sealed record LossOptions
{
    /// <summary>Which loss.</summary>
    /// <value>Default: info_nce.</value>
    public LossKind Kind { get; init; } = LossKind.InfoNce;

    /// <summary>Temperature τ: scores are divided by it. The student's, in distillation.</summary>
    /// <value>Default: 0.05 for info_nce and simlm, 0.02 for simlm_distillation, flag_embedding and m3, 0.01 for gist, else 1.</value>
    [Range(1e-4, 100)]
    public double? Temperature { get; init; }

    /// <summary>The teacher's temperature.</summary>
    /// <value>Default: as the student's.</value>
    [Range(1e-4, 100)]
    public double? TeacherTemperature { get; init; }

    /// <summary>Adds the loss of finding the query given its passage; short for directions query_doc and doc_query with a softmax each.</summary>
    /// <value>Default: true where no directions are given.</value>
    public bool? Symmetric { get; init; }

    /// <summary>Who is compared with whom; query_doc must be among them.</summary>
    /// <value>Default: as symmetric says.</value>
    public IReadOnlyList<Direction> Directions { get; init; } = [];

    /// <summary>Over what the softmax of several directions is taken.</summary>
    /// <value>Default: joint.</value>
    public Partition? Partition { get; init; }

    /// <summary>Negatives that weigh more the closer they are.</summary>
    /// <value>Default: none.</value>
    public Hardness? Hardness { get; init; }

    /// <summary>How much more: it is multiplied by the similarity and added to the score.</summary>
    /// <value>Default: 9 for in_batch, 5 for hard and all.</value>
    [Range(0, 1000)]
    public double? HardnessStrength { get; init; }

    /// <summary>How vectors are compared.</summary>
    /// <value>Default: dot for margin_mse, kl_distillation and dual_reg, else cos.</value>
    public Similarity? Similarity { get; init; }

    /// <summary>How far a guide's threshold lies below its similarity of query and positive.</summary>
    /// <value>Default: 0; -0.1 with self_guide.</value>
    [Range(-10, 10)]
    public double? Margin { get; init; }

    /// <summary>How the margin counts.</summary>
    /// <value>Default: absolute.</value>
    public MarginKind? MarginKind { get; init; }

    /// <summary>Takes the other queries as negatives of a query.</summary>
    /// <value>Default: true.</value>
    public bool? ContrastAnchors { get; init; }

    /// <summary>Takes the other positives as negatives of a positive.</summary>
    /// <value>Default: true.</value>
    public bool? ContrastPositives { get; init; }

    /// <summary>Takes the model's own similarities as the guide's.</summary>
    /// <value>Default: false.</value>
    public bool? SelfGuide { get; init; }

    /// <summary>How a teacher's scores count in FlagEmbedding's losses.</summary>
    /// <value>Default: none.</value>
    public DistillationForm? Distillation { get; init; }

    /// <summary>Whether the candidates of other rows are negatives.</summary>
    /// <value>Default: true.</value>
    public bool? InBatch { get; init; }

    /// <summary>Whether a teacher gives scores or margins.</summary>
    /// <value>Default: scores.</value>
    public TeacherForm? Teacher { get; init; }

    /// <summary>Weight of the contrastive term beside distillation.</summary>
    /// <value>Default: 0.2 for simlm_distillation, 1 for flag_embedding.</value>
    [Range(0, 1000)]
    public double? ContrastiveWeight { get; init; }

    /// <summary>Leaves a query's own hard negatives out of the contrastive term beside distillation.</summary>
    /// <value>Default: true.</value>
    public bool? MaskHardNegatives { get; init; }

    /// <summary>Compares queries with queries, positives with positives and positives with queries, too.</summary>
    /// <value>Default: true.</value>
    public bool? AllPairs { get; init; }

    /// <summary>Steps over which the factor 1 / τ grows from 1; 0 for none.</summary>
    /// <value>Default: 0.</value>
    [Range(0, int.MaxValue)]
    public int? TemperatureWarmup { get; init; }

    /// <summary>Spreads a student's scores of each row over [0, 1] before distillation.</summary>
    /// <value>Default: true.</value>
    public bool? NormalizeScores { get; init; }

    /// <summary>Lets padding be zero vectors that can be the nearest, as FlagEmbedding and PyLate train: a score then depends on the longest passage of the batch.</summary>
    /// <value>Default: false.</value>
    public bool? ZeroPadding { get; init; }

    /// <summary>Weight of sparse scores in M3's sum of scores.</summary>
    /// <value>Default: 0.3.</value>
    [Range(0, 1000)]
    public double? SparseScoreWeight { get; init; }

    /// <summary>Weight of the sparse terms in M3's loss.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 1000)]
    public double? SparseLossWeight { get; init; }

    /// <summary>Lets M3's sum of scores teach the three kinds of embedding.</summary>
    /// <value>Default: true.</value>
    public bool? SelfDistillation { get; init; }

    /// <summary>Steps of the phase before self-distillation begins.</summary>
    /// <value>Default: 0.</value>
    [Range(0, int.MaxValue)]
    public int? SelfDistillationStart { get; init; }

    /// <summary>FLOPS regulariser of queries, λ_q; 0 for none.</summary>
    /// <value>Default: 0.00005 for sparse, 0 for m3.</value>
    [Range(0, 1000)]
    public double? FlopsQueries { get; init; }

    /// <summary>FLOPS regulariser of passages, λ_d; 0 for none.</summary>
    /// <value>Default: 0.00003 for sparse, 0 for m3.</value>
    [Range(0, 1000)]
    public double? FlopsPassages { get; init; }

    /// <summary>Steps over which both grow with the square of the step.</summary>
    /// <value>Default: 0.</value>
    [Range(0, int.MaxValue)]
    public int? FlopsWarmup { get; init; }

    /// <summary>Weight of the divergence of two passes with other dropout.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double? Alpha { get; init; }

    /// <summary>Weight of positives in point-wise cross-entropy.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-6, 1e6)]
    public double? PositiveWeight { get; init; }

    /// <summary>Takes a teacher's scores, in [0, 1], as labels of point-wise cross-entropy.</summary>
    /// <value>Default: false.</value>
    public bool? SoftLabels { get; init; }

    /// <summary>Matryoshka dimensions: the loss is taken on the first d components for each d, and added up; empty for none.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<int> MatryoshkaDims { get; init; } = [];

    /// <summary>Weight of each Matryoshka dimension; empty for 1 each. 1 / n each is FlagEmbedding's mean.</summary>
    /// <value>Default: 1 each.</value>
    public IReadOnlyList<double> MatryoshkaWeights { get; init; } = [];

    /// <summary>Matryoshka dimensions drawn for each step, by the seed; null takes all.</summary>
    /// <value>Default: null.</value>
    [Range(1, 65536)]
    public int? MatryoshkaDimsPerStep { get; init; }
}
