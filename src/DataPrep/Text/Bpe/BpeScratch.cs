namespace DataPrep.Text.Bpe;

/// <summary>Room in which one word is merged. One per thread.</summary>
sealed class BpeScratch
{
    /// <summary>Places of <see cref="Keys"/>; a number of one fits into a byte.</summary>
    public const int Slots = 256;

    public int[] Symbols { get; private set; } = new int[64];

    /// <summary>What the pairs of a short word are chosen by, by the place they begin at.</summary>
    public int[] Keys { get; } = new int[Slots];

    /// <summary>In a short word: the place before each.</summary>
    public byte[] Before { get; } = new byte[Slots];

    /// <summary>In a short word: the place after each.</summary>
    public byte[] After { get; } = new byte[Slots];

    /// <summary>The symbol before each.</summary>
    public int[] Left { get; private set; } = new int[64];

    /// <summary>The symbol after each.</summary>
    public int[] Right { get; private set; } = new int[64];

    public int Count { get; private set; }

    public PriorityQueue<int, long> Queue { get; } = new();

    public void Clear() => Count = 0;

    public void Add(int symbol)
    {
        if (Count == Symbols.Length)
        {
            var size = checked(Count * 2);
            var symbols = Symbols;
            Array.Resize(ref symbols, size);
            (Symbols, Left, Right) = (symbols, new int[size], new int[size]);
        }

        Symbols[Count++] = symbol;
    }
}
