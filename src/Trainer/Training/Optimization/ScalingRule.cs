namespace Trainer.Training.Optimization;

/// <summary>How a learning rate found at one batch size is carried to another.</summary>
public enum ScalingRule
{
    /// <summary>As given.</summary>
    None,

    /// <summary>With the square root of the batch (Krizhevsky 2014, arXiv:1404.5997; for Adam Malladi et al. 2022, arXiv:2205.10287).</summary>
    Sqrt,

    /// <summary>In proportion to the batch (Goyal et al. 2017, arXiv:1706.02677).</summary>
    Linear,
}
