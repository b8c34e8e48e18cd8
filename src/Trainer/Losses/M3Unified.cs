using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// BGE-M3's unified loss (Chen and others 2024; FlagEmbedding's <c>EncoderOnlyEmbedderM3Model</c>). Scores of the three kinds of embedding, divided by τ, and their sum s = s_dense + 0.3 s_sparse + s_multi:
/// L = ( L_dense + L_s + 0.1 L_sparse + L_multi ) / 4, each L a contrastive loss or, with a teacher, FlagEmbedding's form of it. With self-distillation the teacher is softmax(s) without a gradient,
/// D = ( D_dense + 0.1 D_sparse + D_multi ) / 3 the mean cross-entropies of the three to it, and the loss ( L + D ) / 2. Figures: each L, and D.
/// </summary>
/// <param name="temperature">τ.</param>
public sealed class M3Unified(double temperature = 0.02) : ILoss
{
    readonly SparseScorer _sparse = new();

    /// <summary>How dense vectors and vectors of tokens are compared.</summary>
    /// <value>Default: cos.</value>
    public Similarity Similarity { get; init; } = Similarity.Cos;

    /// <summary>What padding does in late interaction. FlagEmbedding's own way lets a score depend on the longest passage of the batch.</summary>
    /// <value>Default: a score depends on its two texts alone, and is divided by the query's vectors.</value>
    public MaxSimConvention Convention { get; init; } = MaxSimConvention.SentenceTransformersMean;

    /// <summary>How a teacher's scores count.</summary>
    /// <value>Default: none.</value>
    public DistillationForm Distillation { get; init; }

    /// <summary>Whether the candidates of other rows are negatives, too.</summary>
    /// <value>Default: true.</value>
    public bool InBatch { get; init; } = true;

    /// <summary>Weight of sparse scores in the sum of scores.</summary>
    /// <value>Default: 0.3.</value>
    public double SparseScoreWeight { get; init; } = 0.3;

    /// <summary>Weight of the sparse terms in the loss.</summary>
    /// <value>Default: 0.1.</value>
    public double SparseLossWeight { get; init; } = 0.1;

    /// <summary>Whether the sum of scores teaches the three.</summary>
    /// <value>Default: true.</value>
    public bool SelfDistillation { get; init; } = true;

    /// <summary>Steps of the phase before self-distillation begins.</summary>
    /// <value>Default: 0.</value>
    public int SelfDistillationStart { get; init; }

    /// <inheritdoc/>
    public HeadSet Heads => HeadSet.Dense | HeadSet.Sparse | HeadSet.MultiVector;

    /// <inheritdoc/>
    public LossNeeds Needs => Form.Needs;

    Taught Form => new(Distillation, InBatch);

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var form = Form;
        var (dense, sparse, multi) = (Scores(new DenseScorer(Similarity)), Scores(_sparse), Scores(new LateInteractionScorer(Similarity, Convention)));
        var sum = dense + (sparse * SparseScoreWeight) + multi;
        var terms = new[] { dense, sum, sparse, multi }.Select(s => form.Sum(s, inputs, rows) / inputs.Count).ToArray();
        var loss = (terms[0] + terms[1] + (terms[2] * SparseLossWeight) + terms[3]) / 4;
        var parts = new List<(string, Tensor)> { ("dense", terms[0].detach()), ("ensemble", terms[1].detach()), ("sparse", terms[2].detach()), ("multi_vector", terms[3].detach()) };
        if (SelfDistillation && inputs.Step >= SelfDistillationStart)
        {
            var teacher = Masked.Softmax(sum.detach(), form.Hidden(inputs, rows) ?? zeros_like(sum, ScalarType.Bool));
            var distilled = (Distilled(dense) + (Distilled(sparse) * SparseLossWeight) + Distilled(multi)) / 3;
            parts.Add(("self_distillation", distilled.detach()));
            loss = (loss + distilled) / 2;

            Tensor Distilled(Tensor scores) => form.CrossEntropy(scores, teacher, inputs, rows) / inputs.Count;
        }

        return new LossValue(loss) { Parts = parts }.MoveToOuterDisposeScope();

        Tensor Scores(IPairScorer scorer) => form.Scores(scorer, inputs, rows) / temperature;
    }
}
