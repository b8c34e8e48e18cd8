namespace DataPrep.Text.Unicode;

/// <summary>The generated Unicode data as tables for look-up.</summary>
static class UnicodeTables
{
    const int DecompositionLimit = 0x30000, CombiningLimit = 0x20000;

    static readonly ushort[] DecompositionEntries = BuildDecompositions();
    static readonly byte[] CombiningClasses = BuildCombiningClasses();
    static readonly Dictionary<(int, int), int> Compositions = BuildCompositions();
    static readonly bool[] UnsafeForNfc = BuildUnsafeForNfc();
    static readonly Dictionary<int, (int Start, int Count)> CompatibilityEntries = BuildCompatibility();

    /// <summary>Entry of a character's decomposition, or 0.</summary>
    public static int DecompositionOf(int codePoint) => codePoint < DecompositionLimit ? DecompositionEntries[codePoint] : 0;

    /// <summary>The one or two characters of an entry.</summary>
    public static (int First, int Second) Decomposition(int entry) =>
        (UnicodeNormalizationData.Decompositions[(entry * 3) - 2], UnicodeNormalizationData.Decompositions[(entry * 3) - 1]);

    /// <summary>The full compatibility decomposition of a character; empty where it is the canonical one.</summary>
    public static ReadOnlySpan<int> CompatibilityDecomposition(int codePoint)
    {
        if (codePoint < 0xA0 || !CompatibilityEntries.TryGetValue(codePoint, out var entry))
        {
            return default;
        }

        return entry.Start < 0 ? new int[] { ~entry.Start } : UnicodeCompatibilityData.Decompositions.Slice(entry.Start, entry.Count);
    }

    public static int CombiningClass(int codePoint) => codePoint < CombiningLimit ? CombiningClasses[codePoint] : 0;

    /// <summary>The composed character of a pair, or 0.</summary>
    public static int Composition(int first, int second) => Compositions.GetValueOrDefault((first, second));

    /// <summary>True where the character stands for itself in form C whatever its neighbours.</summary>
    public static bool IsSafeForNfc(int codePoint) => codePoint >= DecompositionLimit || !UnsafeForNfc[codePoint];

    static ushort[] BuildDecompositions()
    {
        var entries = new ushort[DecompositionLimit];
        var data = UnicodeNormalizationData.Decompositions;
        for (var entry = 1; entry <= data.Length / 3; entry++)
        {
            entries[data[(entry * 3) - 3]] = (ushort)entry;
        }

        return entries;
    }

    static byte[] BuildCombiningClasses()
    {
        var classes = new byte[CombiningLimit];
        var data = UnicodeNormalizationData.CombiningClasses;
        for (var i = 0; i < data.Length; i += 3)
        {
            classes.AsSpan(data[i]..(data[i + 1] + 1)).Fill((byte)data[i + 2]);
        }

        return classes;
    }

    static Dictionary<(int, int), int> BuildCompositions()
    {
        var compositions = new Dictionary<(int, int), int>();
        var data = UnicodeNormalizationData.Decompositions;
        for (var i = 0; i < data.Length; i += 3)
        {
            if (data[i + 2] != 0 && !UnicodeNormalizationData.CompositionExclusions.Contains(data[i]))
            {
                compositions[(data[i + 1], data[i + 2])] = data[i];
            }
        }

        return compositions;
    }

    // A single character is held as its complement.
    static Dictionary<int, (int Start, int Count)> BuildCompatibility()
    {
        var entries = new Dictionary<int, (int Start, int Count)>();
        var runs = UnicodeCompatibilityData.Runs;
        for (var i = 0; i < runs.Length; i += 3)
        {
            for (var j = 0; j < runs[i + 1]; j++)
            {
                entries[runs[i] + j] = (~(runs[i + 2] + j), 1);
            }
        }

        var data = UnicodeCompatibilityData.Decompositions;
        for (var i = 0; i < data.Length; i += data[i + 1] + 2)
        {
            entries[data[i]] = (i + 2, data[i + 1]);
        }

        return entries;
    }

    static bool[] BuildUnsafeForNfc()
    {
        var flags = new bool[DecompositionLimit];
        for (var codePoint = 0; codePoint < CombiningLimit; codePoint++)
        {
            flags[codePoint] = CombiningClasses[codePoint] != 0;
        }

        var composed = new HashSet<int>(Compositions.Values);
        var data = UnicodeNormalizationData.Decompositions;
        for (var i = 0; i < data.Length; i += 3)
        {
            flags[data[i]] |= !composed.Contains(data[i]);
        }

        foreach (var (_, second) in Compositions.Keys)
        {
            flags[second] = true;
        }

        // Hangul vowels and trailing consonants join the syllable before them.
        flags.AsSpan(0x1161..0x1176).Fill(true);
        flags.AsSpan(0x11A8..0x11C3).Fill(true);
        return flags;
    }
}
