using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>Which candidate is whose: masks of some rows of a batch.</summary>
static class Candidates
{
    /// <summary>True at (i, start + i): each row's own place, (R, width).</summary>
    public static Tensor Diagonal(RowRange rows, long width, Device device)
    {
        using var scope = NewDisposeScope();
        return arange(rows.Start, rows.End, ScalarType.Int64, device).unsqueeze(1).eq(arange(width, ScalarType.Int64, device).unsqueeze(0)).MoveToOuterDisposeScope();
    }

    /// <summary>Places of the rows' own candidates, (R, G); -1 for none.</summary>
    public static Tensor Own(LossInputs inputs, RowRange rows) => inputs.Own is { } own
        ? own.narrow(0, rows.Start, rows.Count)
        : throw new TrainerException("The loss reads each query's own candidates, and the batch does not say which they are.");

    /// <summary>Places of all rows' own candidates, (B, G), of which there are negatives: for losses that compare a query's own candidates alone.</summary>
    public static Tensor Group(LossInputs inputs)
    {
        var own = Own(inputs, inputs.AllRows);
        return own.shape[1] > 1 ? own : throw new TrainerException(
            "The loss compares each query's positive with its own hard negatives, and the rows have none; mine negatives and set negatives to 1 or more, or choose a loss with in-batch negatives.");
    }

    /// <summary>True where a candidate is one of the row's own, its positive or a hard negative of it, (R, C).</summary>
    public static Tensor IsOwn(LossInputs inputs, RowRange rows)
    {
        var (count, device) = (inputs.Passages.Count, inputs.Device);
        if (inputs.Own is null && count == inputs.Count)
        {
            return Diagonal(rows, count, device);
        }

        using var scope = NewDisposeScope();
        return Marked(Own(inputs, rows), count).MoveToOuterDisposeScope();
    }

    /// <summary>True at the places that each row names, (R, count); -1 names none.</summary>
    public static Tensor Marked(Tensor places, long count)
    {
        using var scope = NewDisposeScope();
        var shown = places.masked_fill(places.lt(0), count);
        return zeros([places.shape[0], count + 1], ScalarType.Bool, places.device).scatter(1, shown, ones_like(shown, ScalarType.Bool)).narrow(1, 0, count).MoveToOuterDisposeScope();
    }

    /// <summary>False negatives among the candidates, (R, C); null where none is known.</summary>
    public static Tensor? Excluded(LossInputs inputs, RowRange rows) => inputs.Excluded?.narrow(0, rows.Start, rows.Count);

    /// <summary>False negatives among the positives' queries, (R, B): positive r is no negative of query j.</summary>
    public static Tensor? ExcludedQueries(LossInputs inputs, RowRange rows) => inputs.Excluded?.narrow(1, rows.Start, rows.Count).t();

    /// <summary>Queries that are no negatives of a query, (R, B): the positive of one is no negative of the other.</summary>
    public static Tensor? ExcludedPairs(LossInputs inputs, RowRange rows) =>
        inputs.Excluded is null ? null : Excluded(inputs, rows)!.narrow(1, 0, inputs.Count).logical_or(ExcludedQueries(inputs, rows)!);

    /// <summary>The union of two masks, either of which may be missing.</summary>
    public static Tensor? Or(Tensor? first, Tensor? second) => first is null ? second : second is null ? first : first.logical_or(second);

    /// <summary>Scores of each row's own candidates, (R, G), picked of all; those of column 0 where there is no candidate.</summary>
    public static Tensor Pick(Tensor scores, Tensor own, RowRange rows)
    {
        // A place that is there, so that its gradient (0) goes nowhere else.
        var positives = arange(rows.Start, rows.End, ScalarType.Int64, scores.device).unsqueeze(1).expand(own.shape);
        return scores.gather(1, own.where(own.ge(0), positives));
    }

    /// <summary>Σ over rows of -log softmax at the row's own positive, over candidates not hidden.</summary>
    public static Tensor CrossEntropy(Tensor scores, Tensor? hidden, RowRange rows)
    {
        scores = hidden is null ? scores : scores.masked_fill(hidden, double.NegativeInfinity);
        return cross_entropy(scores, arange(rows.Start, rows.End, ScalarType.Int64, scores.device), reduction: nn.Reduction.Sum);
    }

    /// <summary>
    /// What a mask did, as figures that add up over the tiles of a batch: <c>masked</c>, the share of the batch's negatives that it hides, and <c>masked_rows</c>, rows of which it leaves the positive alone.
    /// </summary>
    /// <param name="hidden">(R, N), false at positives.</param>
    /// <param name="structural">Hidden places of each row that never were negatives: a text and itself.</param>
    /// <param name="count">Rows of the batch.</param>
    public static IReadOnlyList<(string Name, Tensor Value)> Figures(Tensor hidden, int structural, int count)
    {
        var (each, negatives) = (hidden.sum(1).to(ScalarType.Float32), hidden.shape[1] - 1 - structural);
        var share = (each - structural).sum() / (Math.Max(negatives, 1) * (double)count);
        return [("masked", share), ("masked_rows", negatives < 1 ? zeros_like(share) : each.ge(hidden.shape[1] - 1).sum().to(ScalarType.Float32))];
    }
}
