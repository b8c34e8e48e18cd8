using System.Runtime.InteropServices;

namespace Trainer.Training.Batches;

/// <summary>
/// What keeps rows of an epoch apart: each row has keys (numbers of texts or of relevance clusters), exclusive or shared. Two rows cannot be in one batch when a key that is exclusive
/// to one of them is among the other's; a key that is shared by both keeps nothing apart.
/// </summary>
public sealed class RowKeys
{
    readonly List<int> _keys = [];
    readonly List<int> _starts = [0];

    /// <param name="count">Number of keys: they are 0 to this, excluded.</param>
    public RowKeys(int count) => Count = count;

    /// <summary>Number of keys.</summary>
    public int Count { get; }

    /// <summary>Number of rows that have been added.</summary>
    public int Rows => _starts.Count - 1;

    /// <summary>Adds the next row.</summary>
    /// <param name="exclusive">Its exclusive keys; negative numbers are passed over.</param>
    /// <param name="shared">Its shared keys; negative numbers are passed over. A key that is exclusive, too, is exclusive.</param>
    public void Add(ReadOnlySpan<int> exclusive, ReadOnlySpan<int> shared)
    {
        var first = _keys.Count;
        foreach (var key in exclusive)
        {
            if (key >= 0 && !Has(first, key))
            {
                _keys.Add(key);
            }
        }

        foreach (var key in shared)
        {
            if (key >= 0 && !Has(first, key) && !Has(first, ~key))
            {
                _keys.Add(~key);
            }
        }

        _starts.Add(_keys.Count);
    }

    /// <summary>Keys of a row: the number of an exclusive one, the complement (~) of a shared one.</summary>
    internal ReadOnlySpan<int> this[int row] => CollectionsMarshal.AsSpan(_keys)[_starts[row].._starts[row + 1]];

    // Rows have a handful of keys: looking through them is faster than a set.
    bool Has(int first, int key)
    {
        for (var i = first; i < _keys.Count; i++)
        {
            if (_keys[i] == key)
            {
                return true;
            }
        }

        return false;
    }
}
