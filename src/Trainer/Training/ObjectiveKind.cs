namespace Trainer.Training;

/// <summary>What a phase of a training optimises.</summary>
public enum ObjectiveKind
{
    /// <summary>A loss over embeddings of queries and passages: contrastive pre-training, fine-tuning with hard negatives, distillation.</summary>
    Contrastive,

    /// <summary>Masked tokens of the passages are to be found again: continued pre-training ("post-train") on the job's documents.</summary>
    MaskedLanguage,

    /// <summary>A cross-encoder that reads query and passage as one text learns to rank; the model that comes out is a cross-encoder.</summary>
    CrossEncoder,

    /// <summary>Cross-encoder, late interaction and dual encoder together, each the next one's teacher (ERNIE-Search).</summary>
    Cascade,
}
