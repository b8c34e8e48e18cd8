namespace DataPrep.Text.Bpe;

/// <summary>Room in which one word is merged. One per thread.</summary>
sealed class BpeScratch
{
    public int[] Symbols { get; private set; } = new int[64];

    /// <summary>By symbol: rank of the pair it begins, or the symbol before it.</summary>
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
