using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>Best way to each position of a text. Scratch of one thread.</summary>
sealed class UnigramLattice
{
    Node[] nodes = new Node[64];

    /// <summary>Places from the start of a text to its end, none of them reached.</summary>
    public Span<Node> Start(int length)
    {
        if (nodes.Length <= length)
        {
            nodes = new Node[Math.Max(length + 1, nodes.Length * 2)];
        }

        var places = nodes.AsSpan(0, length + 1);
        places.Fill(new Node { Start = -1 });
        return places;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct Node
    {
        public double Score;

        /// <summary>Where the last piece of the best way starts; -1 where there is no way yet.</summary>
        public int Start;

        /// <summary>Its id.</summary>
        public int Id;

        /// <summary>Takes a piece where it makes the better way; the first of equals stays.</summary>
        public void Offer(double score, int start, int id)
        {
            if (Start < 0 || score > Score)
            {
                (Score, Start, Id) = (score, start, id);
            }
        }
    }
}
