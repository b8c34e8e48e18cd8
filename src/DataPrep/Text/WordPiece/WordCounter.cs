namespace DataPrep.Text.WordPiece;

/// <summary>How often each normalized word occurs in texts. Chunks are counted first: their words are found once per distinct chunk.</summary>
sealed class WordCounter(WordPieceSettings settings) : TextCounter
{
    readonly ChunkScanner scanner = new(settings);
    readonly WordPieceWords words = new(settings);
    readonly SpanCounts chunks = new();

    protected override void Add(string text)
    {
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var count = scanner.Scan(rest, out var scanned);
            for (var i = 0; i < count; i++)
            {
                chunks.Add(rest[scanner.Starts[i]..scanner.Ends[i]]);
            }

            rest = rest[scanned..];
        }
    }

    protected override void MergeInto(Dictionary<string, long> merged)
    {
        for (var number = 0; number < chunks.Count; number++)
        {
            var (chunk, count) = chunks[number];
            var normalized = words.Normalize(chunk);
            foreach (var range in normalized.Split(' '))
            {
                if (normalized[range].Length > 0)
                {
                    var word = new string(normalized[range]);
                    merged[word] = merged.GetValueOrDefault(word) + count;
                }
            }
        }
    }
}
