namespace Trainer.Losses;

/// <summary>Over what a contrastive loss of several directions takes its softmax.</summary>
public enum Partition
{
    /// <summary>One softmax over all directions together (Li and others 2023, GTE).</summary>
    Joint,

    /// <summary>One softmax for each direction; their losses are averaged.</summary>
    PerDirection,
}
