using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>Best way to each position of a text. Scratch of one thread.</summary>
sealed class UnigramLattice
{
    Node[] nodes = new Node[64];

    public void Start(int length)
    {
        if (nodes.Length <= length)
        {
            nodes = new Node[Math.Max(length + 1, nodes.Length * 2)];
        }

        nodes.AsSpan(0, length + 1).Fill(new Node(0, -1, 0));
    }

    /// <summary>Takes a piece from one position to another where it makes the better way; the first of equals stays.</summary>
    public void Offer(int start, int end, int id, double score)
    {
        ref var node = ref nodes[end];
        var total = score + nodes[start].Score;
        if (node.Start < 0 || total > node.Score)
        {
            node = new Node(total, start, id);
        }
    }

    /// <summary>The last piece of the best way to a position.</summary>
    public (int Start, int Id) At(int end) => (nodes[end].Start, nodes[end].Id);

    [StructLayout(LayoutKind.Auto)]
    readonly record struct Node(double Score, int Start, int Id);
}
