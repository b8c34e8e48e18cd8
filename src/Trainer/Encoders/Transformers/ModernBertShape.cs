using System.ComponentModel.DataAnnotations;

namespace Trainer.Encoders.Transformers;

/// <summary>What ModernBERT's configuration says beyond <see cref="TransformerConfig"/> (Warner et al. 2024, arXiv:2412.13663).</summary>
public sealed record ModernBertShape
{
    /// <summary>Every so many layers, the first among them, one attends to whole texts; the others to a window (<c>global_attn_every_n_layers</c>).</summary>
    /// <value>Default: 3.</value>
    [Range(1, 1000)]
    public int GlobalEvery { get; init; } = 3;

    /// <summary>Width of the window (<c>local_attention</c>): a token sees those at most half of it, rounded down, away on either side.</summary>
    /// <value>Default: 128.</value>
    [Range(1, 10_000_000)]
    public int Window { get; init; } = 128;

    /// <summary>Base of the rotary positions in layers that attend to whole texts (<c>global_rope_theta</c>).</summary>
    /// <value>Default: 160,000.</value>
    [Range(1, 1e12)]
    public double GlobalTheta { get; init; } = 160_000;

    /// <summary>Base of the rotary positions in layers with a window (<c>local_rope_theta</c>).</summary>
    /// <value>Default: 10,000.</value>
    [Range(1, 1e12)]
    public double LocalTheta { get; init; } = 10_000;

    /// <summary>Whether the maps of attention have biases.</summary>
    /// <value>Default: false.</value>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the maps of the feed-forward part have biases.</summary>
    /// <value>Default: false.</value>
    public bool MlpBias { get; init; }

    /// <summary>Whether layer norms have biases.</summary>
    /// <value>Default: false.</value>
    public bool NormBias { get; init; }

    /// <summary>Dropout inside the feed-forward part, before its second map, while training.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 0.999)]
    public double MlpDropout { get; init; }

    /// <summary>New weights lie at most so many deviations from 0.</summary>
    /// <value>Default: 2.</value>
    [Range(0.5, 100)]
    public double InitializerCutoff { get; init; } = 2;

    /// <summary>How far a token sees in a layer with a window, on either side.</summary>
    public int Reach => Window / 2;

    /// <summary>Whether a layer, counted from 0, attends to whole texts.</summary>
    public bool IsGlobal(int layer) => layer % GlobalEvery == 0;
}
