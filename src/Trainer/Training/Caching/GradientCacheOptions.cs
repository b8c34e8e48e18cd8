using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Caching;

/// <summary>
/// Options of gradient caching: the loss is taken over the whole batch, however few texts pass through the encoder at once. All but <see cref="MiniBatch"/> and <see cref="MaxTokens"/>, which
/// dropout's draws depend on, bear on time and memory; <see cref="LossRows"/> also on last bits.
/// </summary>
public sealed record GradientCacheOptions
{
    /// <summary>Texts that go through the encoder at once, at most; halved where memory runs out.</summary>
    /// <value>Default: 128.</value>
    [Range(1, 65536)]
    public int MiniBatch { get; init; } = 128;

    /// <summary>
    /// Tokens that go through the encoder at once, at most; a longer text goes alone. Falls with the mini-batch where memory runs out. Below some 2,000 the gradients of the weights, which every
    /// mini-batch has one of, begin to show in the time.
    /// </summary>
    /// <value>Default: 4,096.</value>
    [Range(1, int.MaxValue)]
    public int MaxTokens { get; init; } = 4096;

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
