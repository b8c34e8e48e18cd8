namespace Trainer.Losses;

/// <summary>Rows of a batch, from <see cref="Start"/> on.</summary>
/// <param name="Start">The first row.</param>
/// <param name="Count">How many.</param>
public readonly record struct RowRange(int Start, int Count)
{
    /// <summary>The row after the last.</summary>
    public int End => Start + Count;

    /// <summary>Ranges of at most <paramref name="size"/> rows that cover this one in order.</summary>
    public IEnumerable<RowRange> Tiles(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        for (var start = Start; start < End; start += size)
        {
            yield return new RowRange(start, Math.Min(size, End - start));
        }
    }
}
