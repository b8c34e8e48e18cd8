namespace Trainer.Training.Batches;

/// <summary>Batches being filled. Finds the next one with room in nearly constant time (full ones point on, paths are halved).</summary>
sealed class OpenBatches
{
    readonly int _size;
    readonly int[] _next;
    readonly int[] _fill;
    readonly int[] _members;

    public OpenBatches(int count, int size)
    {
        (Count, _size) = (count, size);
        _next = [.. Enumerable.Range(0, count + 1)];
        _fill = new int[count];
        _members = new int[(long)count * size];
    }

    public int Count { get; }

    public int Fill(int batch) => _fill[batch];

    public ref int Member(int batch, int at) => ref _members[((long)batch * _size) + at];

    /// <summary>The first batch with room from this one on, going round; -1 where none has any.</summary>
    public int Next(int from)
    {
        var found = Root(from);
        found = found == Count ? Root(0) : found;
        return found == Count ? -1 : found;
    }

    public void Put(int batch, int member)
    {
        Member(batch, _fill[batch]++) = member;
        if (_fill[batch] == _size)
        {
            _next[batch] = batch + 1;
        }
    }

    int Root(int node)
    {
        while (_next[node] != node)
        {
            node = _next[node] = _next[_next[node]];
        }

        return node;
    }
}
