using System.Globalization;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Training.Caching;

/// <summary>
/// Whether gradient caching gives the gradients of one graph for this encoder and loss, dropout on, with mini-batches computed twice: an encoder that draws by itself, or computes otherwise without
/// a graph, trains on silently wrong gradients else.
/// </summary>
public static class GradCacheSelfTest
{
    /// <summary>Rows of a batch that are enough to tell.</summary>
    public const int Rows = 8;

    /// <summary>Largest relative difference in Float32.</summary>
    public const double Tolerance = 1e-6;

    /// <summary>Least cosine where products are rounded to fewer bits.</summary>
    public const double LeastCosine = 0.9999;

    const int Texts = 3;

    /// <summary>Computes both. Gradients that the parameters have are as before afterwards, and so are the generators.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="device">Where the encoder runs.</param>
    /// <param name="queries">A few queries.</param>
    /// <param name="passages">Their passages, the positives first.</param>
    /// <param name="known">What the loss reads beside embeddings.</param>
    /// <param name="seed">Seed of the draws.</param>
    public static GradCacheAgreement Measure(IEncoder encoder, ILoss loss, Device device, TokenBatch queries, TokenBatch passages, LossInputs known, long seed)
    {
        using var scope = NewDisposeScope();
        // One tile, as in one graph: at low temperatures the last bits of a product of another shape would show in the gradients, and they are no fault of the encoder's.
        var cache = new GradCache(encoder, loss, new GradientCacheOptions { MiniBatch = Texts, KeepGraphs = 0, LossRows = queries.Count }, device);
        var request = new StepRequest(seed, known.Step, known.Step, 0, [], Texts);
        var parameters = encoder.Parameters.Select(p => p.Value).ToList();
        var before = parameters.ConvertAll(p => p.grad);
        try
        {
            var (cached, loss1) = Gradient(() => cache.Step(queries, passages, known, request).Loss);
            var (plain, loss2) = Gradient(() => cache.Direct(queries, passages, known, request));
            var (apart, cross, own, length) = Compare(cached, plain);
            // A batch whose every candidate is masked has no gradient at all.
            return own == 0 && length == 0
                ? new GradCacheAgreement(0, 1, Math.Abs(loss1 - loss2))
                : new GradCacheAgreement(Math.Sqrt(apart / length), cross / Math.Sqrt(own * length), Math.Abs(loss1 - loss2) / Math.Max(1e-12, Math.Abs(loss2)));
        }
        finally
        {
            foreach (var (parameter, gradient) in parameters.Zip(before))
            {
                parameter.grad = gradient;
            }
        }

        (List<Tensor?> Gradient, double Loss) Gradient(Func<double> step)
        {
            foreach (var parameter in parameters)
            {
                parameter.grad = null;
            }

            var found = step();
            return (parameters.ConvertAll(p => p.grad), found);
        }
    }

    /// <summary>Refuses a training whose cached gradients are not those of one graph.</summary>
    /// <exception cref="TrainerException">They are not; the message has the figures.</exception>
    public static GradCacheAgreement Check(IEncoder encoder, ILoss loss, Device device, TokenBatch queries, TokenBatch passages, LossInputs known, long seed)
    {
        var found = Measure(encoder, loss, device, queries, passages, known, seed);
        var exact = encoder.Precision == Precision.Fp32 && !(device.type == DeviceType.CUDA && backends.cuda.matmul.allow_tf32);
        return (exact ? found.Difference <= Tolerance : found.Cosine >= LeastCosine)
            ? found
            : throw new TrainerException(string.Create(CultureInfo.InvariantCulture,
                $"Gradient caching does not give this training's gradients: on {queries.Count} rows those of mini-batches computed twice differ from those of one graph by {found.Difference:G3} " +
                $"(cosine {found.Cosine:G7}, loss {found.Loss:G3}); expected {(exact ? $"at most {Tolerance:G3}" : $"a cosine of at least {LeastCosine}")}. ") +
                "Something in the encoder draws random numbers that no seed governs, or computes otherwise when no graph is recorded. Leave gradient_cache out of the job.");
    }

    // Sums over all parameters of (a - b)^2, a b, a^2 and b^2.
    static (double Apart, double Cross, double A, double B) Compare(List<Tensor?> first, List<Tensor?> second)
    {
        using var constant = no_grad();
        double apart = 0, cross = 0, own = 0, length = 0;
        foreach (var (x, y) in first.Zip(second))
        {
            if ((x ?? y) is not { } any)
            {
                continue;
            }

            using var scope = NewDisposeScope();
            var (a, b) = ((x ?? zeros_like(any)).to(float64), (y ?? zeros_like(any)).to(float64));
            apart += (a - b).square().sum().ToDouble();
            cross += (a * b).sum().ToDouble();
            own += a.square().sum().ToDouble();
            length += b.square().sum().ToDouble();
        }

        return (apart, cross, own, length);
    }
}
