using System.Numerics;

namespace DataPrep.Text.Unigram;

/// <summary>Pieces by their UTF-16 characters. The children of the root are an array, all others one open hash table. Thread-safe once built.</summary>
sealed class PieceTrie
{
    public const int None = 0;

    readonly int[] roots = new int[0x10000];
    ulong[] keys = new ulong[1024];
    int[] children = new int[1024];
    int[] ids = new int[1024];
    int nodes = 1;
    int shift = 54;
    int edges;

    /// <summary>Adds a piece that is not empty; a later id of the same piece replaces the first, as in Hugging Face tokenizers.</summary>
    public void Add(ReadOnlySpan<char> piece, int id)
    {
        var node = None;
        for (var i = 0; i < piece.Length; i++)
        {
            var child = i == 0 ? roots[piece[0]] : Step(node, piece[i]);
            node = child != None ? child : i == 0 ? roots[piece[0]] = NewNode() : AddEdge(node, piece[i]);
        }

        ids[node] = id + 1;
    }

    /// <summary>Node of the first character, or <see cref="None"/>.</summary>
    public int Root(char c) => roots[c];

    /// <summary>Node one character on, or <see cref="None"/>.</summary>
    public int Step(int node, char c)
    {
        var key = ((ulong)node << 16) | c;
        var mask = keys.Length - 1;
        for (var slot = Slot(key); ; slot = (slot + 1) & mask)
        {
            var found = keys[slot];
            if (found == key)
            {
                return children[slot];
            }

            if (found == 0)
            {
                return None;
            }
        }
    }

    /// <summary>Id of the piece that ends in a node, or -1.</summary>
    public int IdAt(int node) => ids[node] - 1;

    /// <summary>Id of a piece, or -1.</summary>
    public int Find(ReadOnlySpan<char> piece)
    {
        var node = piece.IsEmpty ? None : roots[piece[0]];
        for (var i = 1; i < piece.Length && node != None; i++)
        {
            node = Step(node, piece[i]);
        }

        return node == None ? -1 : IdAt(node);
    }

    int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> shift);

    int NewNode()
    {
        if (nodes == ids.Length)
        {
            Array.Resize(ref ids, ids.Length * 2);
        }

        return nodes++;
    }

    int AddEdge(int node, char c)
    {
        if (2 * ++edges > keys.Length)
        {
            var (oldKeys, oldChildren) = (keys, children);
            (keys, children) = (new ulong[keys.Length * 2], new int[keys.Length * 2]);
            shift = 64 - BitOperations.Log2((uint)keys.Length);
            for (var i = 0; i < oldKeys.Length; i++)
            {
                if (oldKeys[i] != 0)
                {
                    Place(oldKeys[i], oldChildren[i]);
                }
            }
        }

        var child = NewNode();
        Place(((ulong)node << 16) | c, child);
        return child;
    }

    void Place(ulong key, int child)
    {
        var mask = keys.Length - 1;
        var slot = Slot(key);
        while (keys[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        (keys[slot], children[slot]) = (key, child);
    }
}
