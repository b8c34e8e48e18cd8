using DataPrep.Text;

namespace Trainer.Tests;

/// <summary>Words to ids by first appearance in a fixed list; unknown words are id 1.</summary>
public sealed class WhitespaceTokenizer(params string[] words) : ITokenizer
{
    readonly Dictionary<string, int> _ids = words.Select((w, i) => (w, i)).ToDictionary(p => p.w, p => p.i + 2, StringComparer.Ordinal);

    public int VocabularySize => _ids.Count + 2;

    public int PadId => 0;

    public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(maxLength).Select(w => _ids.GetValueOrDefault(w, 1)).ToArray();
}
