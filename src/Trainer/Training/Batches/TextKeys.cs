using System.Runtime.InteropServices;
using Trainer.Encoders;

namespace Trainer.Training.Batches;

/// <summary>A number for each distinct text, over queries and passages alike: texts are equal when their tokens are. Empty texts have none (-1): they say nothing.</summary>
sealed class TextKeys
{
    readonly TokenStore _queries;
    readonly TokenStore _passages;
    readonly int[] _keys;

    public TextKeys(TokenStore queries, TokenStore passages)
    {
        (_queries, _passages) = (queries, passages);
        _keys = new int[queries.Count + passages.Count];
        var seen = new Dictionary<int, int>(_keys.Length, new ByTokens(this));
        for (var i = 0; i < _keys.Length; i++)
        {
            _keys[i] = -1;
            if (Tokens(i).Length > 0)
            {
                ref var key = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, i, out var known);
                key = known ? key : Count++;
                _keys[i] = key;
            }
        }
    }

    /// <summary>Number of distinct texts.</summary>
    public int Count { get; }

    public int Query(int index) => _keys[index];

    public int Passage(int index) => _keys[_queries.Count + index];

    ReadOnlySpan<int> Tokens(int text) => text < _queries.Count ? _queries[text] : _passages[text - _queries.Count];

    sealed class ByTokens(TextKeys keys) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => keys.Tokens(x).SequenceEqual(keys.Tokens(y));

        public int GetHashCode(int obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(keys.Tokens(obj)));
            return hash.ToHashCode();
        }
    }
}
