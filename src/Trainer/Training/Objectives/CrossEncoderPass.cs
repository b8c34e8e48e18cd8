using DataPrep.Text;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>Scores of pairs by mini-batches, of which the graphs are kept or made again when their gradient is there.</summary>
sealed class CrossEncoderPass
{
    readonly CrossEncoder _encoder;
    readonly IReadOnlyList<TokenPair> _pairs;
    readonly int _miniBatch;
    readonly bool _keep;
    readonly Func<int, long>? _seedOf;

    /// <param name="encoder">The cross-encoder, with one label.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="miniBatch">Pairs that go through at once.</param>
    /// <param name="keep">Whether the graphs are kept.</param>
    /// <param name="seedOf">Seed of a mini-batch's dropout; null where there is none.</param>
    public CrossEncoderPass(CrossEncoder encoder, IReadOnlyList<TokenPair> pairs, int miniBatch, bool keep, Func<int, long>? seedOf)
    {
        (_encoder, _pairs, _miniBatch, _keep, _seedOf) = (encoder, pairs, miniBatch, keep, seedOf);
        using var constant = keep ? null : no_grad();
        using var scope = NewDisposeScope();
        var scores = cat(Enumerable.Range(0, Count).Select(Forward).ToArray(), 0);
        Scores = (keep ? scores : scores.requires_grad_()).MoveToOuterDisposeScope();
    }

    /// <summary>Number of mini-batches.</summary>
    public int Count => (_pairs.Count + _miniBatch - 1) / _miniBatch;

    /// <summary>Scores, (P): part of the graph, or a leaf where graphs are not kept.</summary>
    public Tensor Scores { get; }

    /// <summary>Takes the gradient of the scores on to the parameters, where the graphs were not kept.</summary>
    public void Backward()
    {
        if (_keep)
        {
            return;
        }

        using var outer = NewDisposeScope();
        var gradient = Scores.grad!;
        for (int mini = 0, start = 0; mini < Count; mini++, start += _miniBatch)
        {
            using var scope = NewDisposeScope();
            var scores = Forward(mini);
            scores.backward([gradient.narrow(0, start, scores.shape[0])]);
        }
    }

    Tensor Forward(int mini)
    {
        if (_seedOf is not null)
        {
            random.manual_seed(_seedOf(mini));
        }

        using var scope = NewDisposeScope();
        var batch = _encoder.Batch(_pairs.Skip(mini * _miniBatch).Take(_miniBatch));
        return _encoder.Forward(batch).select(1, 0).to(float32).MoveToOuterDisposeScope();
    }
}
