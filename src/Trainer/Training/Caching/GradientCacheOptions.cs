using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Caching;

/// <summary>
/// Options of gradient caching: the loss is taken over the whole batch, however few texts pass through the encoder at once. All but <see cref="MiniBatch"/> and <see cref="MaxTokens"/>, which
/// dropout's draws depend on, bear on time and memory alone.
/// </summary>
public sealed record GradientCacheOptions
{
    /// <summary>Texts that go through the encoder at once, at most; halved where memory runs out.</summary>
    /// <value>Default: 64.</value>
    [Range(1, 65536)]
    public int MiniBatch { get; init; } = 64;

    /// <summary>Tokens that go through the encoder at once, at most, where one text alone has not more; null for no limit. Falls with the mini-batch where memory runs out.</summary>
    /// <value>Default: null.</value>
    [Range(1, int.MaxValue)]
    public int? MaxTokens { get; init; }

    /// <summary>Mini-batches whose graphs are kept for the backward pass; those of the others are computed again. Null is auto: as many as <see cref="Memory"/> has room for.</summary>
    /// <value>Default: null, auto.</value>
    [Range(0, int.MaxValue)]
    public int? KeepGraphs { get; init; }

    /// <summary>Memory in GiB that training may fill, of the device or, on the CPU, of the process; it bounds how many graphs are kept. Null for 9 tenths of a device, 3 quarters of a machine.</summary>
    /// <value>Default: null.</value>
    [Range(1e-3, 1e6)]
    public double? Memory { get; init; }

    /// <summary>Rows of the loss that are taken at once; null for as many as keep a matrix of scores at 2²² numbers.</summary>
    /// <value>Default: null.</value>
    [Range(1, int.MaxValue)]
    public int? LossRows { get; init; }
}
