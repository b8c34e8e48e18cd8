namespace DataPrep.Text.Unigram;

/// <summary>Characters that grow, with one free place before the first so that a mark can be set before a text without moving it. Not thread-safe.</summary>
sealed class CharBuffer
{
    char[] items = new char[256];

    /// <summary>Number of characters.</summary>
    public int Count { get; private set; }

    /// <summary>The characters.</summary>
    public Span<char> Text => items.AsSpan(1, Count);

    /// <summary>The free place and the characters after it.</summary>
    public Span<char> WithHead => items.AsSpan(0, Count + 1);

    public void Clear() => Count = 0;

    public void Add(char c)
    {
        Reserve(1);
        items[++Count] = c;
    }

    public void Add(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(items.AsSpan(Count + 1));
        Count += text.Length;
    }

    /// <summary>Adds UTF-8 text.</summary>
    public void AddUtf8(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        Count += System.Text.Encoding.UTF8.GetChars(text, items.AsSpan(Count + 1));
    }

    public void Add(int codePoint)
    {
        if (codePoint > 0xFFFF)
        {
            Add((char)(0xD7C0 + (codePoint >> 10)));
            codePoint = 0xDC00 | (codePoint & 0x3FF);
        }

        Add((char)codePoint);
    }

    void Reserve(int more)
    {
        if (Count + 1 + more > items.Length)
        {
            Array.Resize(ref items, Math.Max(checked(Count + 1 + more), items.Length * 2));
        }
    }
}
