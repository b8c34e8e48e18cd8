using System.Numerics;
using System.Runtime.InteropServices;

namespace DataPrep.Text;

/// <summary>Pieces by their UTF-16 characters. The children of the root are an array, all others one open hash table of edges. Thread-safe once built.</summary>
sealed class PieceTrie
{
    public const int None = 0;

    const int Bare = -1;

    readonly Edge[] roots = new Edge[0x10000];
    Edge[] edges = new Edge[1024];
    int nodes = 1;
    int shift = 54;
    int count;

    public PieceTrie() => Array.Fill(roots, new Edge { Id = Bare });

    /// <summary>Adds a piece that is not empty; a later id of the same piece replaces the first, as in Hugging Face tokenizers.</summary>
    public void Add(ReadOnlySpan<char> piece, int id)
    {
        ref var edge = ref roots[piece[0]];
        if (edge.Child == None)
        {
            edge.Child = nodes++;
        }

        foreach (var c in piece[1..])
        {
            edge = ref GetOrAdd(edge.Child, c);
        }

        edge.Id = id;
    }

    /// <summary>Node of the first character, or <see cref="None"/>.</summary>
    /// <param name="c">The character.</param>
    /// <param name="id">Id of the piece that is that character, or -1.</param>
    public int Root(char c, out int id)
    {
        ref readonly var edge = ref roots[c];
        id = edge.Id;
        return edge.Child;
    }

    /// <summary>Node one character on, or <see cref="None"/>.</summary>
    /// <param name="node">Where to start.</param>
    /// <param name="c">The character.</param>
    /// <param name="id">Id of the piece that ends there, or -1.</param>
    public int Step(int node, char c, out int id)
    {
        ref readonly var edge = ref Find(Key(node, c));
        id = edge.Id;
        return edge.Child;
    }

    /// <summary>Id of a piece, or -1.</summary>
    public int Find(ReadOnlySpan<char> piece)
    {
        if (piece.IsEmpty)
        {
            return -1;
        }

        var node = Root(piece[0], out var id);
        for (var i = 1; i < piece.Length && node != None; i++)
        {
            node = Step(node, piece[i], out id);
        }

        return node == None ? -1 : id;
    }

    /// <summary>Id of the longest piece that a text starts with, or -1.</summary>
    public int Longest(ReadOnlySpan<char> text, out int length)
    {
        var (longest, i) = (-1, 1);
        length = 0;
        for (var node = Root(text[0], out var id); node != None; node = Step(node, text[i++], out id))
        {
            if (id >= 0)
            {
                (longest, length) = (id, i);
            }

            if (i == text.Length)
            {
                break;
            }
        }

        return longest;
    }

    static ulong Key(int node, char c) => ((ulong)node << 16) | c;

    // The edge of a key, or the empty one where it belongs.
    ref Edge Find(ulong key)
    {
        var table = edges;
        for (var slot = (int)((key * 0x9E3779B97F4A7C15) >> shift); ; slot = (slot + 1) & (table.Length - 1))
        {
            ref var edge = ref table[slot];
            if (edge.Key == key || edge.Key == 0)
            {
                return ref edge;
            }
        }
    }

    ref Edge GetOrAdd(int node, char c)
    {
        ref var edge = ref Find(Key(node, c));
        if (edge.Key != 0)
        {
            return ref edge;
        }

        if (2 * ++count > edges.Length)
        {
            var old = edges;
            edges = new Edge[old.Length * 2];
            shift = 64 - BitOperations.Log2((uint)edges.Length);
            foreach (var kept in old)
            {
                if (kept.Key != 0)
                {
                    Find(kept.Key) = kept;
                }
            }

            edge = ref Find(Key(node, c));
        }

        edge = new Edge { Key = Key(node, c), Child = nodes++, Id = Bare };
        return ref edge;
    }

    [StructLayout(LayoutKind.Auto)]
    struct Edge
    {
        public ulong Key;
        public int Child;
        public int Id;
    }
}
