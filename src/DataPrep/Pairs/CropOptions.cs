using System.ComponentModel.DataAnnotations;

namespace DataPrep.Pairs;

/// <summary>Options of the generator crop. A word is what stands between white space; of Chinese and Japanese text, two characters.</summary>
public sealed record CropOptions
{
    /// <summary>Crops of a document.</summary>
    /// <value>Default: 2.</value>
    [Range(1, 1000)]
    public int PerDocument { get; init; } = 2;

    /// <summary>Least words of a crop.</summary>
    /// <value>Default: 4.</value>
    [Range(1, 1000)]
    public int MinWords { get; init; } = 4;

    /// <summary>Most words of a crop; never more than half of the document.</summary>
    /// <value>Default: 16.</value>
    [Range(1, 1000)]
    public int MaxWords { get; init; } = 16;

    /// <summary>Probability that the passage keeps the crop (Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", keep 0.1).</summary>
    /// <value>Default: 0.1.</value>
    [Range(0.0, 1.0)]
    public double Keep { get; init; } = 0.1;
}
