namespace Trainer.Losses;

/// <summary>Which loss.</summary>
public enum LossKind
{
    /// <summary>InfoNCE over in-batch and hard negatives.</summary>
    InfoNce,

    /// <summary>InfoNCE in which a guide drops false negatives.</summary>
    Gist,

    /// <summary>Inner products without a temperature, over in-batch negatives.</summary>
    Rocketqa,

    /// <summary>List-wise distillation of inner products from a teacher's scores.</summary>
    Rocketqav2,

    /// <summary>Margins of a teacher, squared error.</summary>
    MarginMse,

    /// <summary>A teacher's distribution over own candidates.</summary>
    KlDistillation,

    /// <summary>FlagEmbedding's contrastive loss with or without a teacher.</summary>
    FlagEmbedding,

    /// <summary>SimLM's contrastive loss of all pairs.</summary>
    Simlm,

    /// <summary>SimLM's distillation.</summary>
    SimlmDistillation,

    /// <summary>Late interaction over in-batch negatives.</summary>
    Colbert,

    /// <summary>Late interaction, a teacher's distribution over own candidates.</summary>
    ColbertDistillation,

    /// <summary>Sparse embeddings over in-batch negatives, with the FLOPS regulariser.</summary>
    Sparse,

    /// <summary>BGE-M3's unified loss of dense, sparse and multi-vector embeddings.</summary>
    M3,

    /// <summary>R-Drop on a dual encoder.</summary>
    DualReg,

    /// <summary>Cross-encoder: softmax over own candidates.</summary>
    Listwise,

    /// <summary>Cross-encoder: binary cross-entropy of each pair.</summary>
    Pointwise,

    /// <summary>Cross-encoder: list-wise with R-Drop.</summary>
    RDrop,
}
